"""What the runs of a grid say: accuracies with intervals, paired gains over the baseline, one file that holds all."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..student_t import t_quantile
from .grid import Cell
from .grid_runs import GridFolder
from .record import write_whole

COLUMNS = ("condition", "loss", "role", "seed", "lr", "top1", "top2", "top3", "top5", "train_seconds", "diverged")


def collect(runs: GridFolder, path: str | Path, command: str) -> Path:
    """Write one small JSON file: "columns", "rows" (a row a run) and the settings, versions and machine of them all.

    Args:
        runs: whose records are all there.
        path: the file to write.
        command: that makes the record again.

    Raises:
        ValueError: records are missing.
        OSError: it cannot be written.
    """
    path = Path(path)
    records = [record for cell in runs.grid.cells for record in _records(runs, cell)]
    head = {"command": command, "grid": runs.grid.describe(), **_common(records)}
    rows = ",\n".join(f"  {json.dumps(_row(record), ensure_ascii=False)}" for record in records)
    text = json.dumps({**head, "columns": COLUMNS}, indent=1, ensure_ascii=False)
    return write_whole(path, lambda file: file.write(f'{text[:-2]},\n "rows": [\n{rows}\n ]\n}}\n'.encode()))


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
            if name in record and record[name] not in found:
                found.append(record[name])
        if found:
            common[name] = found[0] if len(found) == 1 else found
    data = {record["run"]["condition"]: record["data"] for record in records if record["run"]["role"] == "test"}
    return {**common, "data": data}


def _row(record: Mapping) -> list[object]:
    run, config, final = record["run"], record["config"], record["final"]
    accuracies = [None if k not in final else round(final[k], 5) for k in COLUMNS[5:9]]
    head = [run["condition"], run["loss"], run["role"], config["seed"], config["lr"]]
    return [*head, *accuracies, round(record["train_seconds"], 1), "diverged" in record]
