"""The record of a whole run of the benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass

import torch

from topk_lib.experiments.training.machine import describe_commit, describe_machine, describe_versions

from .cases import CASES, DISTRIBUTION, P_K, QUICK_CASES, SEED, STEEPNESS, Case
from .compare import compare
from .compiling import compiling
from .growth import QUICK_SIZES, SIZES, growth
from .losses import QUICK_SIZES as QUICK_LOSS_SIZES
from .losses import SIZES as LOSS_SIZES
from .losses import losses
from .peers import has_torch_sparse, installed
from .training import IMAGES, training
from .variants import VARIANTS


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        cases: the comparisons.
        rounds: of a case, at most.
        case_seconds, growth_seconds, training_seconds: for the rounds of one case, one size, one number of classes.
        growth_rounds: at each size.
        sizes: numbers of classes of the growth curves.
        images: of the training loop.
        compile_seconds: for the rounds of one case under torch.compile; none of them if 0.
        losses_seconds: for the rounds of all losses at one size.
        loss_sizes: at which every loss is compared with cross-entropy.
    """

    cases: tuple[Case, ...] = CASES
    rounds: int = 64
    case_seconds: float = 12.0
    growth_rounds: int = 7
    growth_seconds: float = 10.0
    sizes: tuple[int, ...] = SIZES
    training_seconds: float = 15.0
    images: int = IMAGES
    compile_seconds: float = 4.0
    losses_seconds: float = 16.0
    loss_sizes: tuple[tuple[int, int], ...] = LOSS_SIZES


QUICK = Plan(QUICK_CASES, 8, 0.5, 3, 0.5, QUICK_SIZES, 2.0, 512, 0.0, 1.0, QUICK_LOSS_SIZES)


def make_record(plan: Plan, say: Callable[[str], None], peers: Collection[str] | None = None) -> dict[str, object]:
    """All but the command: settings, versions, machine, commit, rows, losses, growth, training, compiling.

    Args:
        plan: how much is measured.
        say: is told what comes next.
        peers: names of those that take part; by default all that are installed.
    """
    found = {name: version for name, version in installed().items() if peers is None or name in peers}
    rows = []
    for case in plan.cases:
        say(f"{case.sorter}, batch {case.batch}, n = {case.classes}" + (f", m = {case.m}" if case.m else ""))
        rows.append(compare(case, found, plan.rounds, plan.case_seconds))
    say("every loss beside cross-entropy")
    compared = losses(plan.rounds, plan.losses_seconds, found, plan.loss_sizes)
    say("training loop")
    trained = training(plan.rounds, plan.training_seconds, plan.images)
    say("torch.compile")
    translated = compiling(plan.rounds, plan.compile_seconds) if plan.compile_seconds else []
    say("growth with the number of classes")
    grown = growth(plan.sizes, plan.growth_rounds, plan.growth_seconds)
    return {
        "settings": _settings(plan),
        "versions": describe_versions() | found,
        "machine": describe_machine(torch.device("cpu"), "float32"),
        "commit": describe_commit(),
        "variants": list(VARIANTS),
        "torch_sparse": has_torch_sparse(),
        "rows": rows,
        "losses": compared,
        "growth": grown,
        "training": trained,
        "compiling": translated,
    }


def _settings(plan: Plan) -> dict[str, object]:
    own = {"p_k": list(P_K), "steepness": STEEPNESS, "distribution": DISTRIBUTION, "top1_mode": "sm", "seed": SEED}
    amounts = {name: value for name, value in asdict(plan).items() if name not in ("cases", "sizes", "loss_sizes")}
    return own | amounts | {"sizes": list(plan.sizes)}
