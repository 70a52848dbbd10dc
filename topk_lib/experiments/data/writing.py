"""Writing files: found out before any work whether it can be done, and then done whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def check_writable(*paths: str | Path) -> None:
    """Find out before any work whether these files can be written, in folders that are still to be made or not.

    Nothing that is there is touched.

    Raises:
        OSError: one of them cannot, and why.
    """
    files = [Path(path) for path in paths]
    for path in files:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder, not a file that can be written")
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(f"{path} is protected against writing")
    for folder in dict.fromkeys(_nearest(path.parent) for path in files):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(4096))
        except OSError as error:
            raise OSError(f"{folder} cannot be written to: {error.strerror or error}") from error


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> Path:
    """Call ``write`` with a file beside ``path``, then put that in its place: no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _nearest(folder: Path) -> Path:
    """What is there of a folder: itself, or the first of those above it; a link that leads nowhere counts."""
    return next(path for path in (folder, *folder.parents) if os.path.lexists(path))
