"""Every table that can be asked for by its name, and README's short ones; the long ones stand in docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from ... import _validate
from ..drawing.quantities import times
from ..grids import grid_results
from ..grids.grid_results import GridResults
from ..results import has_record, read_result
from . import bench_tables, gpu
from .bench_tables import RECORD_TABLES, from_record
from .markdown import table
from .run_tables import every_condition, grid, paper_slot, single_runs, sweep_size, when_it_helps

STEEPNESSES = ("cross-entropy", "steepness 0.25", "as it comes", "steepness 4")
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


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        make: reads records and returns Markdown.
        lessons: the numbers of the lessons that it belongs to.
    """

    make: Callable[[], str]
    lessons: tuple[int, ...] = ()


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


TABLES: dict[str, Table] = {
    "single-runs": Table(single_runs, (10,)),
    "when-it-helps": Table(when_it_helps, (7,)),
    "every-condition": Table(every_condition, (7,)),
    "sweep-size": Table(sweep_size),
    "cifar10-sizes": Table(partial(grid, "cifar10-sizes"), (8, 10)),
    "cifar10-sensitivity": Table(partial(grid, "cifar10-sensitivity"), (10,)),
    "cifar10-steepness": Table(partial(grid, "cifar10-sensitivity", STEEPNESSES)),
    "cifar10-resnet18": Table(partial(grid, "cifar10-resnet18")),
    "cifar100": Table(paper_slot, (10,)),
    "bench-gpu": Table(gpu.gpu_speed, (5,)),
    **{name: Table(partial(from_record, name), (5,)) for name in RECORD_TABLES},
    "how-fast": Table(how_fast),
    "training-step": Table(training_step),
    "gains": Table(gains),
}


def table_text(name: str) -> str:
    """The table of this name.

    Raises:
        ValueError: there is no such table, or a record that it needs is missing.
    """
    return TABLES[_validate.choice("table", name, TABLES)].make()
