"""A run that was interrupted goes on: its whole state in one file, and the way back from it.

The file is replaced at the end of every epoch and every so many seconds of an epoch. It is always whole: a new one is
written beside it and put in its place. A run that goes on from it takes the very steps that it would have taken, bit
for bit on the same machine with the same number of threads.
"""

from __future__ import annotations

import glob
import io
import math
import time
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ... import _validate
from ..data import Data, EmbeddingSplit, Split
from ..data.writing import check_writable, write_whole
from ..reading import DAMAGED, read_tensors, require
from ..settings import renamed
from .machine import describe_machine
from .recipes import Recipe
from .record import describe_data

if TYPE_CHECKING:
    from .state import TrainingState

Settings = Mapping[str, Any]

PLACES = {"step": int, "steps": int, "rows": [dict]} | dict.fromkeys(("model", "optimizer", "batches", "clock"), dict)
SHAPE = {"identity": dict, "machine": dict, "run": PLACES}
MAY_DIFFER = ("device",)
"""Settings by which a run may be continued elsewhere; they change no result but in the last digits."""


class Checkpoint:
    """Where the state of a run is kept, and how often. For `fit`, which never deletes the file.

    Args:
        path: the file; its folder is made as needed.
        every: seconds from one checkpoint to the next within an epoch; 0 for one after every step, infinity for none
            but those at the ends of epochs.
        resume: go on from the file if it is there. Otherwise the run starts anew, and its first checkpoint replaces
            the file.
    """

    def __init__(self, path: str | Path, every: float = 60.0, resume: bool = True) -> None:
        self.path, self.resume = Path(path), resume
        self.every = 0.0 if every == 0 else math.inf if every == math.inf else _validate.positive_real("every", every)
        self._due = math.inf

    def read(self, config: Settings, recipe: Recipe, data: Data) -> dict[str, Any] | None:
        """What the file holds of this run; None if there is no file, or if it is not to be resumed.

        Raises:
            ValueError: it is no checkpoint, or one of a run with other settings or other data.
        """
        return self._read(_identity(config, recipe, data)) if self.resume and self.path.exists() else None

    def _read(self, identity: Settings) -> dict[str, Any]:
        try:
            kept = read_tensors(self.path)
            require(kept, SHAPE)
        except DAMAGED as error:
            raise ValueError(f"{self.path} is damaged, or no checkpoint of this program") from error
        refuse_others(self.path, kept["identity"], identity)
        return kept

    def begin(self, run: TrainingState) -> None:
        """Bring a run to where the file has it, and find out whether the next one can be written.

        Raises:
            ValueError: as `read` does.
            OSError: nothing can be written there, or not all processes have the same file before them.
        """
        check_writable(self.path)
        for rest in self.path.parent.glob(f"{glob.escape(self.path.name)}.*.unfinished"):
            rest.unlink(missing_ok=True)  # of a process that was killed while it wrote
        self._identity = _identity(run.config, run.recipe, run.data)
        if self.resume and self.path.exists():
            kept = self._read(self._identity)
            self._warn_of_another_machine(kept["machine"], _machine(run))
            run.load_state_dict(kept["run"])
        if run.processes.any(run.step < run.processes.largest(run.step)):
            raise OSError(f"{self.path} must be in a folder that all processes see, and some find another file or none")
        self._due = time.monotonic() + self.every

    def save_if_due(self, run: TrainingState) -> None:
        """Write the state of the run if the last time was long enough ago. Raises as `save` does."""
        if time.monotonic() >= self._due:
            self.save(run)

    def save(self, run: TrainingState) -> None:
        """Write the state of the run, by the first process; this does not count as training.

        Raises:
            FloatingPointError: a loss was infinite or NaN. The file stays as it was.
            OSError: it cannot be written. The file stays as it was.
        """
        if not run.processes.is_main:
            return
        training = run.clock.stop()
        if run.losses:
            run.mean_loss()
        buffer = io.BytesIO()  # torch's own writer does not tell a full disk from a bug
        torch.save({"identity": self._identity, "machine": _machine(run), "run": run.state_dict()}, buffer)
        try:
            write_whole(self.path, lambda file: file.write(buffer.getbuffer()))
        except OSError as error:
            raise OSError(f"{self.path} cannot be written: {error.strerror or error}") from error
        self._due = time.monotonic() + self.every
        if training:
            run.clock.start()

    def _warn_of_another_machine(self, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for name in now:
            if then.get(name) != now[name]:
                was = f"{self.path} was written with {name} {then.get(name)!r}, and this is {now[name]!r}"
                warnings.warn(f"{was}: the run goes on, but not bit for bit", stacklevel=4)
                return


class NoCheckpoint(Checkpoint):
    """Keeps nothing."""

    def __init__(self) -> None:
        super().__init__("", math.inf)

    def begin(self, run: TrainingState) -> None:
        """Leave the run at its beginning."""

    def save(self, run: TrainingState) -> None:
        """Write nothing."""


def refuse_others(path: Path, held: Settings, wanted: Settings) -> None:
    """Compare the settings of a run with those in a file.

    Raises:
        ValueError: they differ; the first that does is named.
    """
    held = renamed(held)
    for name in [*wanted, *(name for name in held if name not in wanted)]:
        if name not in MAY_DIFFER and held.get(name) != wanted.get(name):
            raise ValueError(f"{name} must be {held.get(name)!r} as in {path}, got {wanted.get(name)!r}")


def _identity(config: Settings, recipe: Recipe, data: Data) -> dict[str, Any]:
    """What has to be the same for a run to go on."""
    settings = {**config, **asdict(recipe)}
    described = {f"data's {name}": value for name, value in describe_data(data).items() if name != "best_possible"}
    parts = {name: getattr(data, name) for name in ("train", "validation", "test")}
    sums = {f"checksum of the {name} {data.kind}": _checksum(part) for name, part in parts.items() if part is not None}
    return {**settings, **described, **sums}


def _checksum(split: Split | EmbeddingSplit) -> int:
    total = zlib.crc32(split.labels.contiguous().numpy().data)
    for part, _ in split.chunks():
        total = zlib.crc32(part.contiguous().view(torch.uint8).numpy().data, total)
    return total


def _machine(run: TrainingState) -> dict[str, Any]:
    """What has to be the same for a run to go on bit for bit."""
    return {"torch": str(torch.__version__), **describe_machine(run.device, run.precision, run.processes.size)}
