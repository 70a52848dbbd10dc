"""When does relaxing k help? Several hundred small paired runs, recorded one by one.

    python -m topk_lib.training.sweep --out data/results/when-it-helps.json

Cross-entropy and three P_K are trained on Gaussian blobs (`topk_lib.data.blobs`) in conditions of two studies:

- capacity: three networks times three spreads of the blobs, clean labels, m=None. Cross-entropy and the even P_K
  everywhere, the other P_K with the linear network and at the middle spread.
- noise: cross-entropy and the even P_K at the middle spread, with m=None and m=16. Of the training labels of the linear
  network none, 10 % or 30 % are replaced, of those of the larger MLP none or 30 %, uniformly or within groups of
  confusable classes.

Every loss gets the same tuning: three learning rates are tried once, with a seed of their own, and the one with the
best top-5 accuracy on validation points is used for the five seeds that count. Test points are never looked at for a
choice. The steepness is the library's default for all. Results are written after every run, so an interrupted sweep
goes on where it was.

The file holds "columns" and "rows" (a row a run; role "tune" or "test"; top1 … top5 are expected accuracies on clean
labels), "best" (the best possible top-1 … top-5 per spread and seed) and all settings.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import torch

from ..data import best_topk_accuracy
from ..data.blobs import NOISE_KINDS
from . import blob_runs
from .blob_runs import HIDDEN, KS, LOSSES, Condition, blob_points, train_on_blobs
from .machine import describe_machine, describe_versions
from .record import write_whole

SEEDS, TUNING_SEED = (0, 1, 2, 3, 4), 100
LEARNING_RATES = (0.02, 0.1, 0.5)
SPREADS = (0.4, 0.7, 1.0)
MAIN_LOSSES = ("cross-entropy", "even")
COLUMNS = (
    *("capacity", "spread", "noise", "rate", "m", "loss", "role", "seed", "lr"),
    *("top1", "top2", "top3", "top4", "top5", "validation_top5"),
)


class Cell(NamedTuple):
    """Runs that share all but the seed and, while tuning, the learning rate."""

    condition: Condition
    m: int | None
    loss: str


class Job(NamedTuple):
    """One run to do."""

    cell: Cell
    role: str
    seed: int
    lr: float

    @property
    def key(self) -> tuple:
        """The first columns of its row."""
        c = self.cell.condition
        return (c.capacity, c.spread, c.noise, c.rate, self.cell.m, self.cell.loss, self.role, self.seed, self.lr)


def full_grid() -> tuple[Cell, ...]:
    """All cells of both studies, each once."""
    cells = []
    for capacity, spread in itertools.product(HIDDEN, SPREADS):
        losses = LOSSES if capacity == "linear" or spread == SPREADS[1] else MAIN_LOSSES
        cells += [Cell(Condition(capacity, spread), None, loss) for loss in losses]
    for capacity, rates in (("linear", (0.0, 0.3, 0.1)), ("larger MLP", (0.0, 0.3))):
        for rate, noise in itertools.product(rates, NOISE_KINDS):
            condition = Condition(capacity, SPREADS[1], noise if rate else "uniform", rate)
            cells += [Cell(condition, m, loss) for m in (None, 16) for loss in MAIN_LOSSES]
    return tuple(dict.fromkeys(cells))


def run(job: Job) -> list[object]:
    """Do one run; returns its row, with accuracies of zero where the training diverged."""
    torch.set_num_threads(1)  # tiny tensors: more threads are slower, and change the last digits
    try:
        done = train_on_blobs(job.cell.condition, job.cell.loss, job.cell.m, job.lr, job.seed)
    except FloatingPointError:
        return [*job.key, *(0.0 for _ in COLUMNS[len(job.key) :])]
    return [*job.key, *(round(value, 5) for value in (*done.test, done.validation))]


def sweep(
    path: str | Path,
    cells: Sequence[Cell],
    seeds: Sequence[int] = SEEDS,
    jobs: int = 1,
    say: Callable[[str], object] = lambda text: None,
) -> dict[str, object]:
    """Do every run that the file at ``path`` does not hold yet, and return its content.

    Args:
        path: the record; made if it is not there, replaced whole after every run.
        cells: what to train; see `full_grid`.
        seeds: the seeds that count.
        jobs: processes that train at the same time.
        say: is told what is going on.

    Raises:
        ValueError: the file is a record of runs with other settings.
    """
    path, record = Path(path), open_record(Path(path))
    tuning = [Job(cell, "tune", TUNING_SEED, lr) for cell in cells for lr in LEARNING_RATES]
    _do(tuning, record, path, jobs, say)
    rates = best_rates(record)
    _do([Job(cell, "test", seed, rates[cell]) for cell in cells for seed in seeds], record, path, jobs, say)
    record["best"] = [
        [*key, *_best(*key)] for key in sorted({(c.condition.spread, seed) for c in cells for seed in seeds})
    ]
    _write(path, record)
    return record


def best_rates(record: dict[str, object]) -> dict[Cell, float]:
    """The learning rate with the best validation top-5 of each tuned cell; of equal ones the smaller."""
    tried: dict[Cell, list[tuple[float, float]]] = {}
    for row in record["rows"]:
        *condition, m, loss, role, _, lr = row[:9]
        if role == "tune":
            tried.setdefault(Cell(Condition(*condition), m, loss), []).append((-row[-1], lr))
    return {cell: min(results)[1] for cell, results in tried.items()}


def open_record(path: Path) -> dict[str, object]:
    """The record at this path, or an empty one.

    Raises:
        ValueError: it was made with other settings.
    """
    settings = {
        "classes": blob_runs.CLASSES,
        "blobs": blob_runs.BLOBS,
        "dims": blob_runs.DIMS,
        "group_size": blob_runs.GROUP_SIZE,
        "points": {"train": blob_runs.TRAIN, "validation": blob_runs.VALIDATION, "test": blob_runs.TEST},
        "hidden": {name: list(widths) for name, widths in HIDDEN.items()},
        "losses": {name: list(p_k) for name, p_k in LOSSES.items()},
        "sorter": {"kind": "splitter_selection", "distribution": "cauchy", "steepness": blob_runs.STEEPNESS},
        "recipe": {
            "optimizer": "adam",
            "schedule": "one_cycle",
            "epochs": blob_runs.EPOCHS,
            "batch": blob_runs.BATCH_SIZE,
        },
        "learning_rates": list(LEARNING_RATES),
        "tuning_seed": TUNING_SEED,
        "seeds": list(SEEDS),
    }
    if path.exists():
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.get("config") != settings:
            raise ValueError(f"{path} holds runs with other settings; give another --out")
        return record
    made = {"versions": describe_versions(), "machine": describe_machine(torch.device("cpu"), "float32")}
    command = "python -m topk_lib.training.sweep --out data/results/when-it-helps.json"
    return {"command": command, "config": settings, **made, "columns": list(COLUMNS), "best": [], "rows": []}


def _do(todo: Iterable[Job], record: dict, path: Path, jobs: int, say: Callable[[str], object]) -> None:
    held = {tuple(row[:9]) for row in record["rows"]}
    todo = [job for job in todo if job.key not in held]
    for done, row in enumerate(_rows(todo, jobs), 1):
        record["rows"].append(row)
        _write(path, record)
        say(f"\r{done} of {len(todo)} {row[6]} runs  ")


def _rows(todo: Sequence[Job], jobs: int) -> Iterator[list[object]]:
    if jobs == 1:
        yield from map(run, todo)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, todo)


def _best(spread: float, seed: int) -> list[float]:
    *_, test = blob_points(Condition(spread=spread), seed)
    return [round(value, 5) for value in best_topk_accuracy(test.posterior, KS).values()]


def _write(path: Path, record: dict[str, object]) -> None:
    """A row a line, so that the file can be read and compared line by line."""
    lists = {name: ",\n".join(f"  {json.dumps(row)}" for row in record[name]) for name in ("best", "rows")}
    head = json.dumps({name: value for name, value in record.items() if name not in lists}, indent=1)
    tail = ",\n".join(f' "{name}": [\n{lines}\n ]' for name, lines in lists.items())
    write_whole(path, lambda file: file.write(f"{head[:-2]},\n{tail}\n}}\n".encode()))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m topk_lib.training.sweep", description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", required=True, help="the record, a JSON file; what it holds already is not run again")
    parser.add_argument("--jobs", type=int, default=2, help="processes that train at the same time (default: 2)")
    options = parser.parse_args(arguments)
    sweep(options.out, full_grid(), jobs=options.jobs, say=sys.stderr.write)


if __name__ == "__main__":
    main()
