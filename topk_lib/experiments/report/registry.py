"""Every table that can be asked for by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ... import _validate
from .bench_tables import RECORD_TABLES, from_record
from .gpu import gpu_speed
from .in_short import gains, how_fast, training_step
from .run_tables import every_condition, grid, paper_slot, single_runs, sweep_size, when_it_helps

STEEPNESSES = ("cross-entropy", "steepness 0.25", "as it comes", "steepness 4")


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        make: reads records and returns Markdown.
        lessons: the numbers of the lessons that it belongs to.
    """

    make: Callable[[], str]
    lessons: tuple[int, ...] = ()


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
    "bench-gpu": Table(gpu_speed, (5,)),
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
