"""One case, measured: a row of the record."""

from __future__ import annotations

from collections.abc import Collection

from .cases import Case
from .contestants import DENSE, FLOOR, SELECT_M, TORCH_TOPK, Field, contestants
from .memory import saved_bytes
from .operations import launches
from .peers import quiet
from .steps import Contestant
from .timing import Turns, interleaved, median, ratio
from .variants import VARIANTS

SAME_LOSS = (*VARIANTS, "difftopk", DENSE, "diffsort")


def compare(case: Case, peers: Collection[str], rounds: int, budget: float) -> dict[str, object]:
    """Time and memory of everyone in a case.

    Returns:
        sorter, batch, classes, m; "seconds" of a step and "rounds" by contestant; "ratios": by variant of this library,
        how many times as long each other one takes; "saved_bytes" per sample; "loss" of those that compute the same
        one; "launches" of "plain" on an accelerator; "methods" and "tried" of peers with a choice; "left_out" with
        reasons.
    """
    with quiet():
        field = contestants(case, peers)
        logits, labels = case.sample()
        turns = interleaved({name: each.step(logits, labels) for name, each in field.running.items()}, rounds, budget)
        return case.describe() | _times(turns) | _amounts(case, field)


def _times(turns: Turns) -> dict[str, object]:
    others = [name for name in turns if name not in VARIANTS and name not in (TORCH_TOPK, SELECT_M)]
    ratios = {own: {name: ratio(turns, name, own) for name in others} for own in VARIANTS if own in turns}
    times = {
        "seconds": {name: median(turns, name) for name in turns},
        "rounds": {name: len(taken) for name, taken in turns.items()},
        "ratios": ratios,
    }
    if SELECT_M in turns:
        times["selection_ratio"] = ratio(turns, SELECT_M, TORCH_TOPK)
    return times


def _amounts(case: Case, field: Field) -> dict[str, object]:
    same = {name: each for name, each in field.running.items() if name in SAME_LOSS}
    keeping = same | {FLOOR: field.running[FLOOR]}
    return {
        "saved_bytes": {name: saved_bytes(each, *case.sample()) / case.batch for name, each in keeping.items()},
        "launches": launches(case),
        "loss": {name: _value(case, each) for name, each in same.items()},
        "methods": {name: each.method for name, each in field.running.items() if each.method},
        "tried": field.tried,
        "left_out": field.left_out,
    }


def _value(case: Case, contestant: Contestant) -> float:
    with contestant.inside():
        return float(contestant.compute(*case.sample()).detach())
