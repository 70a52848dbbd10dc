"""What the runs of a grid say: accuracies with intervals, and gains over the baseline, paired by seed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..data.writing import write_whole
from ..reading import read_json
from .grid import Cell
from .grid_runs import GridFolder
from .sweep_results import Gain, paired_gain

COLUMNS = ("condition", "loss", "role", "seed", "lr", "top1", "top2", "top3", "top5", "train_seconds", "diverged")
SHAPE = {
    "grid": {"conditions": dict, "losses": dict, "seeds": [int], "metric": str},
    **{"baseline": str, "best_possible": dict, "columns": [str], "rows": [list]},
}
Row = Mapping[str, object]


class GridResults:
    """The runs of a finished grid, read from one small record.

    Args:
        record: as `summarize` makes it, with "columns", "rows" (a row a run) and the settings of them all.
    """

    def __init__(self, record: Mapping[str, object]) -> None:
        self.record, self.metric = record, record["grid"]["metric"]
        self.conditions, self.losses = tuple(record["grid"]["conditions"]), tuple(record["grid"]["losses"])
        self.baseline, self.seeds = record["baseline"], tuple(record["grid"]["seeds"])
        self._rows: dict[tuple[Cell, str], list[Row]] = {}
        for values in record["rows"]:
            row = dict(zip(record["columns"], values, strict=True))
            self._rows.setdefault((Cell(row["condition"], row["loss"]), row["role"]), []).append(row)

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
        return sorted(rows, key=lambda row: self.seeds.index(row["seed"]))

    def ks(self, condition: str) -> tuple[str, ...]:
        """ "top1", "top2", ...: the accuracies that are known in this condition."""
        row = self.tests(condition, self.baseline)[0]
        return tuple(name for name in row if name.startswith("top") and row[name] is not None)

    def accuracy(self, condition: str, loss: str, k: str) -> Gain:
        """Mean and 95 % interval over the seeds, in percent; the interval is unknown (NaN) for one seed."""
        values = self._values(condition, loss, k)
        return _gain(values, [0.0] * len(values))

    def gain(self, condition: str, loss: str, k: str) -> Gain:
        """Accuracy minus that of the baseline, paired by seed, in points; the interval is NaN for one seed."""
        return _gain(self._values(condition, loss, k), self._values(condition, self.baseline, k))

    def seconds(self, condition: str, loss: str) -> float:
        """Mean training time of a run."""
        return statistics.fmean(row["train_seconds"] for row in self.tests(condition, loss))

    def rate(self, condition: str, loss: str) -> float:
        """The learning rate that was used."""
        return self.tests(condition, loss)[0]["lr"]

    def best_possible(self, condition: str) -> Mapping[str, float]:
        """The best possible accuracies in percent, averaged over the seeds, where the data set knows them."""
        known = self.record["best_possible"].get(condition, [])
        return {k: 100 * statistics.fmean(best[k] for best in known) for k in self.ks(condition)} if known else {}

    def remarks(self) -> list[str]:
        """Sentences about rates at the edge of what was tried, and about runs that diverged."""
        found = []
        for cell in (Cell(condition, loss) for condition in self.conditions for loss in self.losses):
            rates = [row["lr"] for row in self._rows.get((cell, "tune"), ())]
            if rates and (rate := self.rate(*cell)) in (min(rates), max(rates)):
                edge = "smallest" if rate == min(rates) else "largest"
                found.append(f"{cell.condition}, {cell.loss}: the best learning rate, {rate:g}, is the {edge} tried.")
            if lost := sum(row["diverged"] for row in self.tests(*cell)):
                found.append(f"{cell.condition}, {cell.loss}: {lost} runs diverged and count as 0 %.")
        return found

    def _values(self, condition: str, loss: str, k: str) -> list[float]:
        return [row[k] for row in self.tests(condition, loss)]


def summarize(runs: GridFolder, command: str) -> dict[str, object]:
    """All runs of a folder as one small record for `GridResults`.

    Args:
        runs: whose records are all there.
        command: that makes the record again.

    Raises:
        ValueError: records are missing, or belong to other runs.
    """
    records = [record for cell in runs.grid.cells for record in _records(runs, cell)]
    tests = [record for record in records if record["run"]["role"] == "test"]
    best: dict[str, list[object]] = {}
    for record in tests:
        if known := record["data"].get("best_possible"):
            best.setdefault(record["run"]["condition"], []).append(known)
    data = {record["run"]["condition"]: _without_best(record["data"]) for record in tests}
    head = {"command": command, **_common(records), "grid": runs.grid.describe(), "baseline": runs.grid.baseline}
    rows = [_row(record) for record in records]
    return {**head, "data": data, "best_possible": best, "columns": list(COLUMNS), "rows": rows}


def write_summary(path: str | Path, record: Mapping[str, object]) -> Path:
    """Write what `summarize` made, a row a line, so that files can be compared line by line.

    Raises:
        OSError: it cannot be written.
    """
    head = {name: value for name, value in record.items() if name not in ("columns", "rows")}
    text = json.dumps(head, indent=1, ensure_ascii=False)
    rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in record["rows"])
    columns = json.dumps(record["columns"])
    whole = f'{text[:-2]},\n "columns": {columns},\n "rows": [\n{rows}\n ]\n}}\n'
    return write_whole(Path(path), lambda file: file.write(whole.encode()))


def _records(runs: GridFolder, cell: Cell) -> list[dict]:
    rate = runs.chosen_rate(cell)
    tests = () if rate is None else runs.grid.tests(cell, rate)
    records = [runs.read(job) for job in (*runs.grid.tuning(cell), *tests)]
    if rate is None or None in records:
        raise ValueError(f"runs of {cell.loss!r} in {cell.condition!r} are missing in {runs.folder}")
    return records


def _common(records: Sequence[Mapping]) -> dict[str, object]:
    """What all records agree in as it is; a list of what occurs where they differ."""
    common = {}
    for name in ("commit", "versions", "machine"):
        found = []
        for record in records:
            if record[name] not in found:
                found.append(record[name])
        common[name] = found[0] if len(found) == 1 else found
    return common


def _without_best(data: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in data.items() if name != "best_possible"}


def _row(record: Mapping) -> list[object]:
    run, config, final = record["run"], record["config"], record["final"]
    accuracies = [round(final[k], 5) if k in final else None for k in COLUMNS[5:9]]
    head = [run["condition"], run["loss"], run["role"], config["seed"], config["lr"]]
    return [*head, *accuracies, round(record["train_seconds"], 1), "diverged" in record]


def _gain(ours: Sequence[float], theirs: Sequence[float]) -> Gain:
    if len(ours) > 1:
        return paired_gain(ours, theirs)
    return Gain(100 * (ours[0] - theirs[0]), float("nan"))
