"""Tables of grids: accuracies of the baseline, and what the other losses gain over it."""

from __future__ import annotations

from collections.abc import Sequence

from ..grids.grid_results import SHAPE, GridResults
from ..results import has_record, read_result
from .markdown import mean_percent, table

KS = ("top1", "top2", "top3", "top5")


def grid(name: str, losses: Sequence[str] | None = None) -> str:
    """A line per condition and loss, or some of the losses; without a record, the command that makes it."""
    head = (name, "top-1", "top-2", "top-3", "top-5")
    if not has_record(name):
        return table(head, [(f"not run; `{command(name)}`", "", "", "", "")])
    results = GridResults(read_result(name, SHAPE))
    rows = []
    for condition in results.conditions:
        for loss in losses or results.losses:
            if loss == results.baseline:
                cells = [mean_percent(results.accuracy(condition, loss, k)) for k in KS]
            else:
                cells = [str(results.gain(condition, loss, k)) for k in KS]
            rows.append((f"{condition}, {loss}", *cells))
    return table((f"{results.baseline}: accuracy; others: points gained", *head[1:]), rows)


def command(name: str) -> str:
    """What makes the record of this name."""
    return (
        f"python -m topk_lib compare --grid data/grids/{name}.toml --out runs/{name} --collect data/results/{name}.json"
    )
