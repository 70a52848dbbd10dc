"""Doing the runs of a grid: one record each in a folder, each run once, shared by as many processes as there are."""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch

from ..config import Config
from ..data import Data
from ..data.writing import write_whole
from ..reading import read_json
from ..running import run as run_config
from ..settings import renamed
from ..training.evaluate import KS
from ..training.machine import describe_commit, describe_machine, describe_versions, pick_device, pick_precision
from ..training.record import describe_data
from .grid import Cell, Choice, Grid, Job, slug
from .grid_samples import samples_of
from .locks import locked, orphaned

WAIT = 2.0
OF_RUN = {"run": dict, "config": dict, "data": dict, "versions": dict, "machine": dict, "train_seconds": float}

Record = dict[str, Any]
"""As of a run alone, and "run", what the grid says of it; "diverged" where it did, and then less of the others."""
Say = Callable[[str], object]

_commit = lru_cache(maxsize=1)(describe_commit)  # that of the code which this process has loaded


@dataclass(frozen=True)
class GridFolder:
    """A grid, and the folder that holds the record of each of its runs.

    Attributes:
        grid: what to train.
        folder: for CONDITION/LOSS/ROLE-seed-N-lr-R.json (and so on for other settings that are tuned); made as needed.
        data_dir: where CIFAR's files lie.
        keep_models: write the weights of each run beside its record, with the ending .pt.
    """

    grid: Grid
    folder: Path
    data_dir: str = "data"
    keep_models: bool = False
    _known: dict[Path, tuple[int, Record]] = field(default_factory=dict, repr=False, compare=False)

    def path(self, job: Job) -> Path:
        """Where the record of a run belongs."""
        chosen = "-".join(f"{slug(name)}-{_word(value)}" for name, value in job.choice)
        name = f"{job.role}-seed-{job.seed}-{chosen}.json"
        return Path(self.folder) / slug(job.cell.condition) / slug(job.cell.loss) / name

    def read(self, job: Job) -> Record | None:
        """The record of a run, or None if there is none yet.

        Raises:
            ValueError: it is damaged, or the record of a run with other settings.
        """
        path = self.path(job)
        try:
            written = path.stat().st_mtime_ns
            if path in self._known and self._known[path][0] == written:
                return self._known[path][1]
            record = read_json(path, OF_RUN | {"final": {self.grid.metric: float}})
        except FileNotFoundError:
            return None
        for name, value, held in self._compared(job, record):
            if held != value:
                was = f"{name} = {held!r} where {value!r} is asked for"
                raise ValueError(f"{path} is the record of another run, with {was}; use another folder")
        self._known[path] = (written, record)
        return record

    def _compared(self, job: Job, record: Record) -> Iterator[tuple[str, object, object]]:
        """Name, wanted value and recorded value of each setting; a setting newer than the record had its default."""
        config, held = self.grid.config(job), renamed(record["config"])
        for name, value in _plain(self.describe(job)).items():
            yield name, value, record["run"].get(name)
        for name, value in _plain(config.resolved()).items():
            if name in held:
                yield name, value, held[name]
            else:
                yield name, config.given.get(name), None

    def describe(self, job: Job) -> dict[str, Any]:
        """What the grid says of a run beyond its settings."""
        judged_by = {"validation": self.grid.validation} if job.role == "tune" else {}
        tuned = {name: value for name, value in job.choice if name != "lr"}
        named = {"condition": job.cell.condition, "loss": job.cell.loss, "role": job.role}
        return named | judged_by | ({"tuned": tuned} if tuned else {})

    def chosen(self, cell: Cell) -> Choice | None:
        """The settings of a cell that were best while tuning, of equal ones the smallest; None while that goes on."""
        tuning = [(self.read(job), job.choice) for job in self.grid.tuning(cell)]
        tried = [(-record["final"][self.grid.metric], choice) for record, choice in tuning if record is not None]
        if len(tried) < len(tuning):
            return None
        return min(tried)[1] if tried else self.grid.choices(cell)[0]

    def pending(self) -> list[Job]:
        """The runs that can be done now and have no record: tuning first, then seed by seed."""
        chosen = {cell: self.chosen(cell) for cell in self.grid.cells}
        jobs = [job for cell in chosen for job in self.grid.tuning(cell)]
        tests = [job for cell, choice in chosen.items() if choice is not None for job in self.grid.tests(cell, choice)]
        jobs += sorted(tests, key=lambda job: self.grid.seeds.index(job.seed))
        return [job for job in jobs if self.read(job) is None]

    def left(self) -> list[tuple[Cell, int]]:
        """Each cell with runs that are still to do, and how many."""
        counts = Counter(job.cell for job in self.pending())
        for cell in self.grid.cells:
            if self.chosen(cell) is None:
                counts[cell] += len(self.grid.seeds)
        return [(cell, counts[cell]) for cell in self.grid.cells if counts[cell]]

    def count(self) -> tuple[int, int]:
        """How many runs there will be, and how many are still to do."""
        total = sum(len(self.grid.tuning(cell)) + len(self.grid.seeds) for cell in self.grid.cells)
        return total, sum(count for _, count in self.left())


def _word(value: object) -> str:
    """A value in the name of a file."""
    return f"{value:g}" if isinstance(value, int | float) else slug(str(value))


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """As they read from a file: tuples are lists."""
    return json.loads(json.dumps(settings))


def run_all(runs: GridFolder, say: Say = lambda text: None, **callbacks: Any) -> None:
    """Do every run that has no record and that no other process is at; return when all records are there.

    Args:
        runs: which.
        say: is told of each run that is done.
        callbacks: as for `train`.
    """
    while jobs := runs.pending():
        if not sum(_try(runs, job, say, **callbacks) for job in jobs if not orphaned()):
            time.sleep(WAIT)  # other processes are at all that is left
        if orphaned():
            return


def run_in_processes(runs: GridFolder, count: int, quiet: bool = False) -> None:
    """Do all runs in so many new processes, which share the processor's cores.

    Raises:
        ChildProcessError: one of them failed; it has said why.
    """
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(runs, count, quiet), daemon=True) for _ in range(count)]
    try:
        for worker in workers:
            worker.start()
        left = workers
        while left:
            multiprocessing.connection.wait([worker.sentinel for worker in left], timeout=1.0)
            left = [worker for worker in left if worker.is_alive()]
            if failed := [worker.exitcode for worker in workers if worker.exitcode]:
                raise ChildProcessError(f"a training process ended with code {failed[0]}; finished runs are kept")
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


@contextmanager
def shared_threads(count: int) -> Iterator[None]:
    """The threads that each of so many processes has; one process keeps what it has."""
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // count) if count > 1 else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _work(runs: GridFolder, count: int, quiet: bool) -> None:
    warnings.simplefilter("ignore")  # the command has loaded the images once, and has said what there is to say
    try:
        with shared_threads(count):
            run_all(runs, (lambda text: None) if quiet else partial(print, flush=True))
    except OSError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _try(runs: GridFolder, job: Job, say: Say, **callbacks: Any) -> bool:
    """Do one run if it is still to be done; whether it was done here."""
    path = runs.path(job)
    with locked(path) as ours:
        if not ours or path.exists():
            return False
        if callbacks:
            say(f"\n{job.cell.loss}")
        record = train(runs, job, **callbacks)
        text = json.dumps(record, indent=1, allow_nan=False) + "\n"
        write_whole(path, lambda file: file.write(text.encode()))
    total, left = runs.count()
    accuracies = ", ".join(f"{k.replace('top', 'top-')} {100 * value:.1f} %" for k, value in record["final"].items())
    outcome = f"diverged, {accuracies}" if "diverged" in record else accuracies
    chosen = ", ".join(f"{name} {_word(value)}" for name, value in job.choice)
    what = f"{job.cell.condition}, {job.cell.loss}, {job.role}, seed {job.seed}, {chosen}"
    say(f"[{total - left}/{total}] {what}: {outcome} ({record['train_seconds']:.0f} s)")
    return True


def train(runs: GridFolder, job: Job, **callbacks: Any) -> Record:
    """Do one run; returns its record, with accuracies of zero and the reason as "diverged" where it diverged.

    Args:
        runs, job: which.
        callbacks: on_batch and on_epoch, as for `topk_lib.experiments.fit`; with one, every epoch is evaluated.
    """
    config, data = runs.grid.config(job), samples_of(runs.grid, job, runs.data_dir)
    try:
        model, record = run_config(config, data, watch=bool(callbacks), **callbacks)
    except FloatingPointError as error:
        return {"run": runs.describe(job), "commit": _commit(), **_diverged(config, data, error)}
    if runs.keep_models:
        weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
        write_whole(runs.path(job).with_suffix(".pt"), lambda file: torch.save(weights, file))
    return {"run": runs.describe(job), "commit": _commit(), **record}


def _diverged(config: Config, data: Data, error: FloatingPointError) -> Record:
    device = pick_device(config.device)
    return {
        "config": config.resolved(),
        "recipe": asdict(config.make_recipe()),
        "versions": describe_versions(),
        "machine": describe_machine(device, pick_precision(config.precision, device, data.kind == "images")),
        "data": describe_data(data),
        "epochs": [],
        "train_seconds": 0.0,
        "diverged": str(error),
        "final": {f"top{k}": 0.0 for k in KS if k <= data.num_classes},
    }
