"""The recorded sweep on points, `topk_lib.training.sweep`, as tables."""

from __future__ import annotations

from ..course.records import read_result
from ..training.blob_runs import Condition
from ..training.sweep_results import SweepResults
from .markdown import table

RECORD, RELAXED, MIDDLE = "when-it-helps", "even", 0.7


def when_it_helps() -> str:
    """What the even P_K gains with the least and the most capacity."""
    results = SweepResults(read_result(RECORD))
    rows = []
    for capacity in ("linear", "larger MLP"):
        gains = results.gains(Condition(capacity, MIDDLE), RELAXED)
        rows.append((capacity, str(gains[0]), str(gains[-1])))
    return table(("network, clean labels, middle ambiguity", "top-1", "top-5"), rows)


def sweep_size() -> str:
    """How many runs the sweep has."""
    return str(len(read_result(RECORD)["rows"]))


def every_condition() -> str:
    """What the even P_K gains in every condition, top-1 to top-5."""
    results = SweepResults(read_result(RECORD))
    rows = []
    for condition in results.conditions:
        noise = f"{100 * condition.rate:.0f} % {condition.noise}" if condition.rate else "none"
        gains = map(str, results.gains(condition, RELAXED))
        rows.append((condition.capacity, f"{condition.spread:g}", noise, *gains))
    return table(("network", "spread", "noise", *(f"top-{k}" for k in range(1, 6))), rows)
