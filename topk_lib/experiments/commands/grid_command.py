"""What `python -m topk_lib compare` does where it is asked for a grid."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from matplotlib.figure import Figure

from ..data import load
from ..data.cifar import EDITIONS
from ..data.writing import check_writable, write_whole
from ..drawing.comparison import comparison_figure
from ..drawing.grid_figure import grid_figure
from ..grids.grid_results import GridResults, summarize, write_summary
from ..grids.grid_runs import GridFolder, run_all, run_in_processes, shared_threads
from ..grids.grid_samples import forget_samples, samples_of
from ..grids.grid_table import grid_caveat, grid_table
from ..running import duration, predict_seconds
from ..training.distributed import refuse_several
from .commands import blaming_input
from .compare_options import DATASET, grid_from, is_single
from .progress import Progress

MOST_LOSSES = 12  # that one picture can show
FIGURE, SUMMARY = "comparison.png", "summary.json"
KEPT = "interrupted; the runs that are done are kept, and the same command goes on"
LEFT_OUT = {"--data-dir": 1, "--jobs": 1, "--quiet": 0, "--download": 0}  # options that change no result, and values


def compare_losses(options: argparse.Namespace) -> None:
    """Do what is left of a grid; print its table, leave a record per run, a summary and a figure in --out.

    Raises:
        InputError: before any training.
        OSError: a result cannot be written, or a process failed.
        KeyboardInterrupt: saying that nothing is lost.
    """
    with blaming_input():
        refuse_several("compare")
        if options.jobs is not None and options.jobs < 1:
            raise ValueError(f"--jobs must be at least 1, got {options.jobs}")
        grid, jobs = grid_from(options), options.jobs or 1
        single = is_single(options, grid)
        progress = Progress(runs=len(grid.cells) if single else 1, quiet=options.quiet)
        folder = Path(options.out or f"runs/{'grid' if options.grid else 'compare'}-{_name(options)}")
        runs = GridFolder(grid, folder, options.data_dir, options.keep_models or single)
        _forget(runs, options)
        check_writable(_summary(runs, options), folder / FIGURE, *map(runs.path, runs.pending()))
        total, left = runs.count()
        if left and options.download:
            for dataset in {*EDITIONS} & {settings.get("dataset") for settings in grid.conditions.values()}:
                load(dataset, options.data_dir, download=True)
        seconds = _predict(runs, jobs) if left else 0.0
    takes = f" It will take about {duration(seconds)}." if left else ""
    progress.say(f"{total} runs, {left} of them to do. Records: {runs.folder}{takes}\n")
    callbacks = {"on_batch": progress.on_batch, "on_epoch": progress.on_epoch} if single and jobs == 1 else {}
    try:
        with closing(progress):
            if jobs == 1:
                run_all(runs, progress.say, **callbacks)
            else:
                run_in_processes(runs, jobs, options.quiet)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(KEPT) from None
    _show(runs, options, progress, single)


def _forget(runs: GridFolder, options: argparse.Namespace) -> None:
    """Remove the records of these runs where they are to be replaced, and could be written."""
    grid, found = runs.grid, []
    for cell in grid.cells if options.overwrite else ():
        for choice in grid.choices(cell):
            paths = map(runs.path, (*grid.tuning(cell), *grid.tests(cell, choice)))
            found += [path for path in paths if path.exists()]
    check_writable(*found)
    for path in found:
        path.unlink(missing_ok=True)


def command_of(words: Iterable[str]) -> str:
    """The command line that makes a summary again, without what is a matter of one machine."""
    kept, words = [], iter(words)
    for word in words:
        option, equals, _ = word.partition("=")
        if option in LEFT_OUT:
            for _ in range(LEFT_OUT[option] - len(equals)):
                next(words, None)
        else:
            kept.append(Path(word).name if Path(word).is_absolute() else word)
    return shlex.join(["python", "-m", "topk_lib", *kept])


def _name(options: argparse.Namespace) -> str:
    return Path(options.grid).stem if options.grid else (options.dataset or [DATASET])[0].split(":")[0]


def _summary(runs: GridFolder, options: argparse.Namespace) -> Path:
    return Path(options.collect or runs.folder / SUMMARY)


def _predict(runs: GridFolder, jobs: int) -> float:
    """Seconds for all that is left; a loss that does not fit the data is found on the way."""
    grid, seconds = runs.grid, 0.0
    with shared_threads(jobs):
        for cell, count in runs.left():
            job = grid.tests(cell, grid.choices(cell)[0])[0]
            seconds += count * predict_seconds(grid.config(job), samples_of(grid, job, runs.data_dir), batches=4)
    if jobs > 1:
        forget_samples()
    return seconds / jobs


def _show(runs: GridFolder, options: argparse.Namespace, progress: Progress, single: bool) -> None:
    summary = summarize(runs, command_of(options.typed))
    results = GridResults(summary)
    path = write_summary(_summary(runs, options), summary)
    progress.say(f"\n{grid_table(results)}\n\n{grid_caveat(results)}\n\nRecord: {path}")
    if 1 < len(results.losses) <= MOST_LOSSES:
        figure, caption = _of_one_seed(runs) if single else grid_figure(results)
        details = {"Description": caption}
        drawn = write_whole(runs.folder / FIGURE, lambda file: figure.savefig(file, format="png", metadata=details))
        progress.say(f"Figure: {drawn}")


def _of_one_seed(runs: GridFolder) -> tuple[Figure, str]:
    """Learning curves and final accuracies."""
    jobs = {cell.loss: runs.grid.tests(cell, runs.grid.choices(cell)[0])[0] for cell in runs.grid.cells}
    return comparison_figure({loss: record for loss, job in jobs.items() if (record := runs.read(job)) is not None})
