"""The recorded sweep on points, `topk_lib.experiments.grids.sweep`, as tables."""

from __future__ import annotations

from ..grids.blob_runs import Condition, Loss
from ..grids.sweep_results import SHAPE, SweepResults
from ..results import read_result
from .markdown import table

RECORD, RELAXED, MIDDLE, M = "when-it-helps", "even", 0.7, 16
LOSSES = {
    "P_K = [.2, .2, .2, .2, .2]": Loss(RELAXED),
    f"the same, m = {M}": Loss(RELAXED, M),
    f"cross-entropy, m = {M}": Loss("cross-entropy", M),
}


def when_it_helps() -> str:
    """What the even P_K and the control with few scores gain, with the least and the most capacity."""
    results = SweepResults(read_result(RECORD, SHAPE))
    rows = []
    for capacity in ("linear", "larger MLP"):
        for name, loss in LOSSES.items():
            gains = results.gains(Condition(capacity, MIDDLE), loss)
            rows.append((capacity, name, str(gains[0]), str(gains[-1])))
    return table(("network", "loss", "top-1", "top-5"), rows)


def sweep_size() -> str:
    """How many runs the sweep has."""
    return str(len(read_result(RECORD, SHAPE)["rows"]))


def every_condition() -> str:
    """What the even P_K gains in every condition, top-1 to top-5."""
    results = SweepResults(read_result(RECORD, SHAPE))
    rows = []
    for condition in results.conditions:
        noise = f"{100 * condition.rate:.0f} % {condition.noise}" if condition.rate else "none"
        gains = map(str, results.gains(condition, RELAXED))
        rows.append((condition.capacity, f"{condition.spread:g}", noise, *gains))
    return table(("network", "spread", "noise", *(f"top-{k}" for k in range(1, 6))), rows)
