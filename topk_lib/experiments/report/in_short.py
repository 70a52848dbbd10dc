"""README's short tables: how fast the loss is, and when it helps. The long ones stand in docs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from ..drawing.quantities import times
from ..grids import grid_results
from ..grids.grid_results import GridResults
from ..results import has_record, read_result
from . import bench_tables, gpu
from .markdown import table

PEER, FLOOR = "difftopk", bench_tables.FLOOR
TIMED = (("bitonic", 128, 100), ("splitter_selection", 500, 10450))
"""Sorter, batch and classes of the cases that are shown."""
EVEN = {"when-it-helps": "even, m = 16", "cifar10-sizes": "P_K = [.34, .33, .33]"}
"""The loss of each record that is shown."""
COMPARED = (
    ("points, linear model, P_K = [.2, .2, .2, .2, .2], m = 16", "when-it-helps", "linear, spread 0.7"),
    ("points, larger MLP, the same loss", "when-it-helps", "larger MLP, spread 0.7"),
    ("1 000 photographs, small CNN, P_K = [.34, .33, .33]", "cifar10-sizes", "1 000 images"),
    ("50 000 photographs, the same network and loss", "cifar10-sizes", "50 000 images"),
)
"""What a reader calls it; then the record and the condition."""


def how_fast() -> str:
    """A line per case on a CPU, then on a GPU; where there is no record, the command that makes it."""
    rows = [*_timed("CPU", bench_tables), *_timed("GPU", gpu)]
    return table(("one step of the loss, forward and backward", "this library", PEER, FLOOR), rows)


def _timed(device: str, tables: ModuleType) -> Iterator[tuple[str, ...]]:
    if not has_record(tables.RECORD):
        yield device, f"not run; `{tables.COMMAND}`", "", ""
        return
    for row in read_result(tables.RECORD, tables.SHAPE)["rows"]:
        if (row["sorter"], row["batch"], row["classes"]) in TIMED:
            others = (tables.other_time(row, name) for name in (PEER, FLOOR))
            yield f"{device}, {bench_tables.case_name(row)}", tables.own_time(row), *others


def training_step() -> str:
    """How many times as long as with cross-entropy a training step with 100 classes takes."""
    if not has_record(bench_tables.RECORD):
        return "an unknown number of times"
    record: Mapping = read_result(bench_tables.RECORD, bench_tables.SHAPE)
    return times(min(next(row["ratio"] for row in record["training"] if row["classes"] == 100).values()))


def gains() -> str:
    """What the top-k loss gains over cross-entropy, where it gains most and where it loses."""
    rows = []
    for name, record, condition in COMPARED:
        results = GridResults(read_result(record, grid_results.SHAPE))
        rows.append((name, *(str(results.gain(condition, EVEN[record], k)) for k in ("top1", "top5"))))
    return table(("points gained over cross-entropy", "top-1", "top-5"), rows)
