"""`python -m topk_lib train --resume`: what it finds in the folder, and what it tells its user."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..record import CHECKPOINT, RESULT, read_record, refuse_existing
from ..training.checkpoint import Checkpoint, refuse_others
from ..training.distributed import started
from .options import CHECKPOINT_EVERY
from .progress import Progress


def is_finished(options: argparse.Namespace, config: Mapping[str, object], progress: Progress) -> bool:
    """Whether a run of these settings that is to be resumed has its result already; the user is told so.

    Raises:
        ValueError: that is the result of a run with other settings.
    """
    out = Path(options.out)
    if not options.resume or (out / CHECKPOINT).exists() or not (out / RESULT).exists():
        return False
    refuse_others(out / RESULT, read_record(out)["config"], config)
    progress.say(f"{out / RESULT} is the result of this run: nothing is left to do")
    return True


def open_checkpoint(options: argparse.Namespace) -> Checkpoint:
    """The checkpoint of a run, after a look at whether the run may and can write to its folder.

    Raises:
        ValueError: --resume beside --overwrite, or a checkpoint every minus one second.
        OSError: the folder holds what would be lost, or cannot be written to.
    """
    if options.resume and options.overwrite:
        raise ValueError("--resume must be left out with --overwrite: a run goes on, or it starts anew")
    refuse_existing(options.out, options.overwrite or options.resume)
    every = CHECKPOINT_EVERY if options.checkpoint_every is None else options.checkpoint_every
    return Checkpoint(Path(options.out) / CHECKPOINT, every, resume=options.resume)


def say_where_it_goes_on(kept: Mapping[str, Any] | None, options: argparse.Namespace, progress: Progress) -> float:
    """Tell the user, and show the epochs that are done; returns the part of the run that is left."""
    if kept is None:
        if options.resume:
            progress.say(f"There is no {Path(options.out) / CHECKPOINT}: the run starts at its beginning")
        return 1.0
    run = kept["run"]
    progress.say(f"Going on after step {run['step']:,} of {run['steps']:,}")
    for row in run["rows"]:
        progress.on_epoch(row)
    return 1 - run["step"] / run["steps"]


@contextmanager
def telling_how_to_go_on(options: argparse.Namespace) -> Iterator[None]:
    """Errors that leave a checkpoint behind get the command that goes on from it."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if (Path(options.out) / CHECKPOINT).exists():
            stop.args = (f"interrupted, and saved. To go on: {command_to_go_on(options.typed)}",)
        raise
    except OSError as error:
        if not (Path(options.out) / CHECKPOINT).exists():
            raise
        raise OSError(f"{error}. The last checkpoint is whole. To go on: {command_to_go_on(options.typed)}") from error


def command_to_go_on(typed: Sequence[str]) -> str:
    """The command line that resumes a run, from the words with which it was started, after the program's name."""
    count = len(sys.orig_argv) - len(typed)
    program = sys.orig_argv[:count] if sys.orig_argv[count:] == list(typed) else ["python", "-m", "topk_lib"]
    if (processes := started()).size > 1:
        program = ["torchrun", "--standalone", "--nproc-per-node", str(processes.size), "-m", "topk_lib"]
    words = [word for word in typed if word not in ("--overwrite", "--resume")]
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    return join([*program, *words, "--resume"])
