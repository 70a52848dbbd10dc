"""Runs by their `Config`, everything in them built by name: one, several side by side, and how long one will take."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from .. import _validate
from ..losses import LOSSES
from .config import Config
from .data import Data, ImageData, load
from .models import Normalize, make_model
from .training.distributed import ALONE, Processes
from .training.loop import BatchInfo, FitResult, fit
from .training.state import hold_out

WARM_UP = 2


def run(config: Config, data: Data | None = None, **of_fit: Any) -> FitResult:
    """Train the network that ``config`` describes, as it says, and evaluate it.

    First weights, order and augmentation follow from ``config.seed``: runs that differ in the loss start from the same
    weights and see the same batches.

    Args:
        config: what to train, and how.
        data: the data set, where it is loaded already.
        of_fit: on_batch, on_epoch, watch, checkpoint, processes, as for `topk_lib.experiments.fit`.

    Returns, raises:
        As `topk_lib.experiments.fit` does.
    """
    data = load_for(config) if data is None else data
    return fit(**arguments(config, data), **of_fit)


def arguments(config: Config, data: Data) -> dict[str, Any]:
    """What `topk_lib.experiments.fit` is called with for a run."""
    recipe = config.make_recipe()
    train, _ = hold_out(data, recipe.val_fraction, config.seed)
    return {
        "model": build_model(config.model, replace(data, train=train), config.seed),
        "loss_fn": config.make_loss(),
        "data": data,
        "recipe": recipe,
        **{name: getattr(config, name) for name in ("seed", "device", "precision")},
        "config": config.resolved(),
    }


def load_for(config: Config, data_dir: str = "data", download: bool = False) -> Data:
    """The data set of a run; raises as `topk_lib.experiments.data.load` does."""
    return load(**config.for_load(), data_dir=data_dir, download=download)


def build_model(name: str, data: Data, seed: int = 0) -> nn.Module:
    """A new network for a data set, initialized from the seed; the global random state is left alone.

    Args:
        name: as `topk_lib.experiments.models.make_model` takes it.
        data: whose samples it takes and whose classes it tells apart.
        seed: at least 0.

    Returns:
        A module that maps samples as the data set stores them to logits (B, classes). For images it normalizes them by
        the statistics of the training images, which its state_dict holds.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(_validate.integer("seed", seed, 0))
        network = make_model(name, data.num_classes, data.input_shape)
    return nn.Sequential(Normalize.of(data.train.images), network) if isinstance(data, ImageData) else network


def compare(
    configs: Mapping[str, Config],
    data: Data,
    *,
    on_batch: Callable[[str, int, BatchInfo], bool | None] | None = None,
    on_epoch: Callable[[str, dict[str, float]], bool | None] | None = None,
) -> dict[str, FitResult]:
    """Train one network per configuration, one after the other, on the same data.

    Args:
        configs: by name, such as {"ce": ..., "topk": ...}. For a fair comparison they differ in the loss
            alone.
        data: for all of them.
        on_batch, on_epoch: as for `topk_lib.experiments.run`, with the name in front. They stop one run, not
            all.

    Returns:
        What each run gave, by name.
    """
    trained = {}
    for name, config in configs.items():
        batch = None if on_batch is None else partial(on_batch, name)
        epoch = None if on_epoch is None else partial(on_epoch, name)
        trained[name] = run(config, data, on_batch=batch, on_epoch=epoch)
    return trained


def comparison_table(records: Mapping[str, Mapping[str, Any]]) -> str:
    """Final accuracies and training seconds: a line per run, and one for the best possible if known."""
    first = next(iter(records.values()))
    rows = [
        (LOSSES.display_name(name) if name in LOSSES else name, r["final"], f"{r['train_seconds']:.1f}")
        for name, r in records.items()
    ]
    if best := first["data"].get("best_possible"):
        rows.append(("best possible", best, ""))
    width = max(len(name) for name, _, _ in rows)
    lines = [" " * width + "".join(f"{k.replace('top', 'top-'):>9}" for k in first["final"]) + "  train seconds"]
    for name, accuracies, seconds in rows:
        shown = "".join(f"{100 * accuracies[k]:>7.1f} %" for k in first["final"])
        lines.append(f"{name:<{width}}{shown}{seconds:>15}".rstrip())
    return "\n".join(lines)


def predict_seconds(config: Config, data: Data, batches: int = 8, processes: Processes = ALONE) -> float:
    """Train on a few batches, throw the result away, and extend the time of one to the whole run.

    The first two batches, slow as everything is the first time, are left out, and the median of the others is
    taken. The same is counted as in "train_seconds" of a record: no evaluation, no loading.

    Args:
        config, data, processes: as for `topk_lib.experiments.fit`.
        batches: how many are timed, at least 1; a run of fewer steps is timed as a whole.

    Returns:
        Predicted training seconds of the whole run.
    """
    moments, steps = [time.perf_counter()], 0

    def clock(step: int, info: BatchInfo) -> bool:
        nonlocal steps
        steps = info.steps
        float(info.loss)  # waits until a GPU is done with this step
        moments.append(time.perf_counter())
        return step < WARM_UP + batches

    test = data.test.only(slice(1))  # an evaluation that does not count
    validation = None if data.validation is None else test
    run(config, replace(data, test=test, validation=validation), on_batch=clock, processes=processes)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return steps * statistics.median(gaps[WARM_UP:] or gaps)


def duration(seconds: float) -> str:
    """A time in words: seconds, minutes or hours."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
