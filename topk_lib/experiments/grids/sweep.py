"""When does relaxing k help? Over a thousand small paired runs, recorded one by one.

    python -m topk_lib.experiments.grids.sweep --out data/results/when-it-helps.json

Cross-entropy and relaxed losses are trained on Gaussian blobs (`experiments.data.blobs`) in conditions of four studies:

- capacity: three networks times three spreads of the blobs, clean labels, all classes in the loss; cross-entropy and
  the other five P_K of the paper.
- noise: of the training labels none, 10 % or 30 % are replaced, uniformly or within groups of confusable classes;
  cross-entropy and the even P_K at the middle spread, for the linear network and the larger MLP with m=16 too.
- sorters: the even P_K at the middle spread with other sorters, over all classes where their cost allows it, and with
  m=16.
- sensitivity: the even P_K at the middle spread with other steepness, distribution, m and top-1 mode, for the linear
  network and the larger MLP.

Every loss gets the same tuning: the same learning rates are tried once, with a seed of their own, and the one with the
best top-5 accuracy on validation points is used for the five seeds that count. Test points are never looked at for a
choice. Results are written after every run, so an interrupted sweep goes on where it was.

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
from dataclasses import asdict, astuple
from pathlib import Path
from typing import NamedTuple

import torch

from ..data import best_topk_accuracy
from ..data.blobs import NOISE_KINDS
from ..data.writing import check_writable, write_whole
from ..reading import read_json
from ..training.machine import describe_commit, describe_machine, describe_versions
from . import blob_runs
from .blob_runs import HIDDEN, KS, LOSSES, Condition, Loss, blob_points, train_on_blobs

SEEDS, TUNING_SEED = (0, 1, 2, 3, 4), 100
LEARNING_RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SPREADS = (0.4, 0.7, 1.0)
MIDDLE = SPREADS[1]
M = 16
MAIN_LOSSES = ("cross-entropy", "even")
CONDITION_COLUMNS = ("capacity", "spread", "noise", "rate")
LOSS_COLUMNS = ("p_k", "m", "sorter", "steepness", "distribution", "top1_mode")
KEY_COLUMNS = (*CONDITION_COLUMNS, *LOSS_COLUMNS, "role", "seed", "lr")
COLUMNS = (*KEY_COLUMNS, "top1", "top2", "top3", "top4", "top5", "validation_top5")
STEEPNESSES = (0.25, 0.5, 2.0, 4.0, 8.0)
DISTRIBUTIONS = ("logistic", "logistic_phi", "gaussian", "reciprocal", "optimal")


class Cell(NamedTuple):
    """Runs that share all but the seed and, while tuning, the learning rate."""

    condition: Condition
    loss: Loss


class Job(NamedTuple):
    """One run to do."""

    cell: Cell
    role: str
    seed: int
    lr: float

    @property
    def key(self) -> tuple:
        """The first columns of its row."""
        return (*astuple(self.cell.condition), *astuple(self.cell.loss), self.role, self.seed, self.lr)


def full_grid() -> tuple[Cell, ...]:
    """All cells of all studies, each once."""
    return tuple(dict.fromkeys([*_capacity(), *_noise(), *_sorters(), *_sensitivity()]))


def _capacity() -> Iterator[Cell]:
    for capacity, spread, p_k in itertools.product(HIDDEN, SPREADS, LOSSES):
        yield Cell(Condition(capacity, spread), Loss(p_k))


def _noise() -> Iterator[Cell]:
    for capacity, rate, noise, p_k in itertools.product(HIDDEN, (0.0, 0.1, 0.3), NOISE_KINDS, MAIN_LOSSES):
        condition = Condition(capacity, MIDDLE, noise if rate else "uniform", rate)
        yield from (Cell(condition, Loss(p_k, m)) for m in ((None,) if capacity == "small MLP" else (None, M)))


def _sorters() -> Iterator[Cell]:
    """Sinkhorn's hundreds of passes over an n x n matrix are affordable for m scores only."""
    for capacity in HIDDEN:
        some = [Loss("even", None, "neuralsort"), Loss("even", None, "softsort")]
        few = [Loss("even", M, sorter) for sorter in ("splitter_selection", "neuralsort", "softsort", "sinkhorn")]
        yield from (Cell(Condition(capacity, MIDDLE), loss) for loss in (*some, *few, Loss("cross-entropy", M)))


def _sensitivity() -> Iterator[Cell]:
    losses = [Loss("even", steepness=steepness) for steepness in STEEPNESSES]
    losses += [Loss("even", distribution=distribution) for distribution in DISTRIBUTIONS]
    losses += [Loss("even", m=m) for m in (8, 16, 32)]
    losses += [Loss("even", top1_mode=mode) for mode in ("smce", "sort")]
    for capacity, loss in itertools.product(("linear", "larger MLP"), losses):
        yield Cell(Condition(capacity, MIDDLE), loss)


def run(job: Job) -> list[object]:
    """Do one run; returns its row, with accuracies of zero where the training diverged."""
    torch.set_num_threads(1)  # tiny tensors: more threads are slower, and change the last digits
    try:
        done = train_on_blobs(job.cell.condition, job.cell.loss, job.lr, job.seed)
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
        cell, role, _, lr = read_key(row)
        if role == "tune":
            tried.setdefault(cell, []).append((-row[-1], lr))
    return {cell: min(results)[1] for cell, results in tried.items()}


def read_key(row: Sequence[object]) -> Job:
    """What a row of the record is about."""
    condition, loss = Condition(*row[:4]), Loss(*row[4:10])
    return Job(Cell(condition, loss), *row[10:13])


def open_record(path: Path) -> dict[str, object]:
    """The record at this path, or an empty one.

    Raises:
        ValueError: it is damaged, or was made with other settings.
    """
    settings = {
        "classes": blob_runs.CLASSES,
        "blobs": blob_runs.BLOBS,
        "dims": blob_runs.DIMS,
        "group_size": blob_runs.GROUP_SIZE,
        "points": {"train": blob_runs.TRAIN, "validation": blob_runs.VALIDATION, "test": blob_runs.TEST},
        "hidden": {name: list(widths) for name, widths in HIDDEN.items()},
        "losses": {name: list(p_k) for name, p_k in LOSSES.items()},
        "loss": asdict(Loss()),
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
        record = read_json(path, {"config": dict, "rows": [list]})
        if record["config"] != settings:
            raise ValueError(f"{path} holds runs with other settings; give another --out")
        return record
    made = {
        "commit": describe_commit(),
        "versions": describe_versions(),
        "machine": describe_machine(torch.device("cpu"), "float32"),
    }
    command = "python -m topk_lib.experiments.grids.sweep --out data/results/when-it-helps.json"
    return {"command": command, "config": settings, **made, "columns": list(COLUMNS), "best": [], "rows": []}


def _do(todo: Iterable[Job], record: dict, path: Path, jobs: int, say: Callable[[str], object]) -> None:
    held = {tuple(row[: len(KEY_COLUMNS)]) for row in record["rows"]}
    todo = [job for job in todo if job.key not in held]
    for done, row in enumerate(_rows(todo, jobs), 1):
        record["rows"].append(row)
        _write(path, record)
        say(f"\r{done} of {len(todo)} {row[10]} runs  ")


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
    parser = argparse.ArgumentParser(
        prog="python -m topk_lib.experiments.grids.sweep", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("--out", required=True, help="the record, a JSON file; what it holds already is not run again")
    parser.add_argument("--jobs", type=int, default=2, help="processes that train at the same time (default: 2)")
    options = parser.parse_args(arguments)
    try:
        check_writable(options.out)
        open_record(Path(options.out))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    sweep(options.out, full_grid(), jobs=options.jobs, say=sys.stderr.write)


if __name__ == "__main__":
    main()
