"""Losses side by side: same images, same initial weights, same batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..losses import LOSSES
from .config import Config
from .data import Data
from .running import run
from .training.loop import BatchInfo, FitResult

Record = Mapping[str, Any]


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


def comparison_table(records: Mapping[str, Record]) -> str:
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
