"""The results of a grid: its runs as rows with names, one small record of them all, and what they say."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..data.writing import write_whole
from ..reading import read_json
from ..statistics import MeanCI, paired_difference
from .grid import Cell
from .grid_runs import GridFolder, Record

KS = ("top1", "top2", "top3", "top4", "top5")
SHAPE = {
    "grid": {"conditions": dict, "losses": dict, "seeds": [int], "metric": str},
    **{"baseline": str, "best_possible": dict, "rows": [dict]},
}


@dataclass(frozen=True)
class Row:
    """A run.

    Attributes:
        condition, loss: of the cell.
        role: "tune" or "test".
        seed: of the run.
        lr: learning rate.
        top1, …, top5: accuracies as fractions, on the validation samples where it tunes; None where they are unknown.
        validation_top5: on the validation samples, of a run that counts and has some.
        train_seconds: or None where nobody took the time.
        diverged: whether the loss became infinite or NaN.
        tuned: other settings that were tuned, by name.
    """

    condition: str
    loss: str
    role: str
    seed: int
    lr: float
    top1: float | None = None
    top2: float | None = None
    top3: float | None = None
    top4: float | None = None
    top5: float | None = None
    validation_top5: float | None = None
    train_seconds: float | None = None
    diverged: bool = False
    tuned: dict[str, Any] = field(default_factory=dict)

    @property
    def cell(self) -> Cell:
        """Its condition and its loss."""
        return Cell(self.condition, self.loss)

    def as_json(self) -> dict[str, Any]:
        """By name, without what is at its default."""
        usual = Row("", "", "", 0, 0.0)
        needed = ("condition", "loss", "role", "seed", "lr")
        return {name: value for name, value in asdict(self).items() if name in needed or value != getattr(usual, name)}


class GridResults:
    """The runs of a finished grid, read from one small record.

    Args:
        record: as `summarize` makes it, with "rows" and the settings of them all.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record, self.metric = record, record["grid"]["metric"]
        self.conditions, self.losses = tuple(record["grid"]["conditions"]), tuple(record["grid"]["losses"])
        self.baseline, self.seeds = record["baseline"], tuple(record["grid"]["seeds"])
        self.rows = [Row(**row) for row in record["rows"]]
        self._rows: dict[tuple[Cell, str], list[Row]] = {}
        for row in self.rows:
            self._rows.setdefault((row.cell, row.role), []).append(row)

    @classmethod
    def from_file(cls, path: str | Path) -> GridResults:
        """The results in a file that `compare --collect` wrote."""
        return cls(read_json(path, SHAPE))

    def tests(self, condition: str, loss: str) -> list[Row]:
        """The runs that count, in the order of the seeds.

        Raises:
            ValueError: no such runs are recorded.
        """
        try:
            rows = self._rows[Cell(condition, loss), "test"]
        except KeyError:
            raise ValueError(f"no runs are recorded of {loss!r} in {condition!r}") from None
        return sorted(rows, key=lambda row: self.seeds.index(row.seed))

    def losses_in(self, condition: str) -> tuple[str, ...]:
        """The losses with results in a condition."""
        return tuple(loss for loss in self.losses if (Cell(condition, loss), "test") in self._rows)

    def ks(self, condition: str) -> tuple[str, ...]:
        """ "top1", "top2", ...: the accuracies that are known in this condition."""
        row = self.tests(condition, self.losses_in(condition)[0])[0]
        return tuple(k for k in KS if getattr(row, k) is not None)

    def values(self, condition: str, loss: str, k: str) -> list[float]:
        """Accuracies as fractions, one per seed."""
        return [getattr(row, k) for row in self.tests(condition, loss)]

    def accuracy(self, condition: str, loss: str, k: str) -> MeanCI:
        """Mean and 95 % interval over the seeds, in percent; the interval is unknown (NaN) for one seed."""
        values = self.values(condition, loss, k)
        return paired_difference(values, [0.0] * len(values))

    def gain(self, condition: str, loss: str, k: str) -> MeanCI:
        """Accuracy minus that of the baseline, paired by seed, in points; the interval is NaN for one seed.

        Raises:
            ValueError: runs are missing, or their seeds differ.
        """
        seeds = [[row.seed for row in self.tests(condition, each)] for each in (loss, self.baseline)]
        if seeds[0] != seeds[1]:
            raise ValueError(f"the seeds differ: {seeds[0]} and {seeds[1]} in {condition!r}")
        return paired_difference(self.values(condition, loss, k), self.values(condition, self.baseline, k))

    def gains(self, condition: str, loss: str) -> tuple[MeanCI, ...]:
        """`gain` for each of the accuracies that are known in this condition."""
        return tuple(self.gain(condition, loss, k) for k in self.ks(condition))

    def seconds(self, condition: str, loss: str) -> float:
        """Mean training time of a run; NaN where it is not recorded."""
        times = (row.train_seconds for row in self.tests(condition, loss))
        return statistics.fmean(math.nan if seconds is None else seconds for seconds in times)

    def rate(self, condition: str, loss: str) -> float:
        """The learning rate that was used."""
        return self.tests(condition, loss)[0].lr

    def best_possible(self, condition: str) -> dict[str, float]:
        """The best possible accuracies in percent, averaged over the seeds, where the data set knows them."""
        known = self.record["best_possible"].get(condition, [])
        return {k: 100 * statistics.fmean(best[k] for best in known) for k in self.ks(condition)} if known else {}

    def room(self, condition: str, loss: str, k: str) -> float:
        """How many points a loss is below the best possible accuracy, averaged over the seeds."""
        return self.best_possible(condition)[k] - 100 * statistics.fmean(self.values(condition, loss, k))

    def remarks(self) -> list[str]:
        """Sentences about settings at the edge of what was tried, and about runs that diverged."""
        found = []
        for cell in (Cell(name, loss) for name in self.conditions for loss in self.losses_in(name)):
            test, tried = self.tests(*cell)[0], self._rows.get((cell, "tune"), [])
            for name in ("lr", *test.tuned):
                found += _edge(cell, name, _value(test, name), [_value(row, name) for row in tried])
            if lost := sum(row.diverged for row in self.tests(*cell)):
                found.append(f"{cell.condition}, {cell.loss}: {lost} runs diverged and count as 0 %.")
        return found


def _value(row: Row, name: str) -> Any:
    return row.lr if name == "lr" else row.tuned.get(name)


def _edge(cell: Cell, name: str, value: Any, tried: Sequence[Any]) -> list[str]:
    """A sentence if a number that was chosen is the smallest or the largest of several."""
    numbers = sorted({each for each in tried if isinstance(each, int | float)})
    if len(numbers) < 2 or value not in (numbers[0], numbers[-1]):
        return []
    words = "learning rate" if name == "lr" else name
    edge = "smallest" if value == numbers[0] else "largest"
    return [f"{cell.condition}, {cell.loss}: the best {words}, {value:g}, is the {edge} tried."]


def summarize(runs: GridFolder, command: str) -> dict[str, Any]:
    """All runs of a folder as one small record for `GridResults`.

    Args:
        runs: whose records are all there.
        command: that makes the record again.

    Raises:
        ValueError: records are missing, or belong to other runs.
    """
    records = [record for cell in runs.grid.cells for record in _records(runs, cell)]
    tests = [record for record in records if record["run"]["role"] == "test"]
    best: dict[str, dict[int, object]] = {}
    for record in tests:
        if known := record["data"].get("best_possible"):
            best.setdefault(record["run"]["condition"], {})[record["config"]["seed"]] = known
    data = {record["run"]["condition"]: {**record["data"]} for record in tests}
    for told in data.values():
        told.pop("best_possible", None)
    head = {"command": command, **_common(records), "grid": runs.grid.describe(), "baseline": runs.grid.baseline}
    possible = {name: [*known.values()] for name, known in best.items()}
    rows = [_row(record, runs.grid.measure).as_json() for record in records]
    return {**head, "data": data, "best_possible": possible, "rows": rows}


def write_summary(path: str | Path, record: Mapping[str, Any]) -> Path:
    """Write what `summarize` made, a row a line, so that files can be compared line by line.

    Raises:
        OSError: it cannot be written.
    """
    head = {name: value for name, value in record.items() if name != "rows"}
    text = json.dumps(head, indent=1, ensure_ascii=False)
    rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in record["rows"])
    whole = f'{text[:-2]},\n "rows": [\n{rows}\n ]\n}}\n'
    return write_whole(Path(path), lambda file: file.write(whole.encode()))


def _records(runs: GridFolder, cell: Cell) -> list[Record]:
    choice = runs.chosen(cell)
    jobs = (*runs.grid.tuning(cell), *(() if choice is None else runs.grid.tests(cell, choice)))
    records = [record for job in jobs if (record := runs.read(job)) is not None]
    if choice is None or len(records) < len(jobs):
        raise ValueError(f"runs of {cell.loss!r} in {cell.condition!r} are missing in {runs.folder}")
    return records


def _common(records: Sequence[Record]) -> dict[str, Any]:
    """What all records agree in as it is; a list of what occurs where they differ."""
    common = {}
    for name in ("commit", "versions", "machine"):
        found = []
        for record in records:
            if record[name] not in found:
                found.append(record[name])
        common[name] = found[0] if len(found) == 1 else found
    return common


def _row(record: Record, measure: str) -> Row:
    run, config = record["run"], record["config"]
    expected = measure == "posterior" and run["role"] == "test" and "diverged" not in record
    accuracies = record["expected"] if expected else record["final"]
    validation = record.get("validation", {}).get("top5") if expected else None
    return Row(
        run["condition"],
        run["loss"],
        run["role"],
        config["seed"],
        config["lr"],
        **{k: round(value, 5) for k, value in accuracies.items()},
        validation_top5=validation and round(validation, 5),
        train_seconds=round(record["train_seconds"], 1),
        diverged="diverged" in record,
        tuned=run.get("tuned", {}),
    )
