"""Who does what: several processes, on one machine or on several that share a folder, take different runs.

A run is locked by a file beside its record-to-be, which only one process can create. While the run goes on, its
process touches the file every few seconds. A lock is void when its process is gone, or when nobody has touched it for
two minutes: then the next one takes over. Should two processes ever take over at the same moment, both do the run
and write the same record: nothing is lost but time.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BEAT, VOID_AFTER = 5.0, 120.0


@contextmanager
def locked(record: Path) -> Iterator[bool]:
    """Lock the run whose record this path will hold, for as long as the context lasts.

    Yields:
        Whether the run is ours. If not, another process is at it.

    Raises:
        OSError: the folder cannot be written.
    """
    path = record.with_name(f"{record.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not _take(path):
        yield False
        return
    over = threading.Event()
    beat = threading.Thread(target=_keep_alive, args=(path, over), daemon=True)
    beat.start()
    try:
        yield True
    finally:
        over.set()
        beat.join()
        path.unlink(missing_ok=True)


def orphaned() -> bool:
    """Whether the process that started this one is gone."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def _take(path: Path) -> bool:
    if path.exists() and _is_void(path):
        path.unlink(missing_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump({"host": platform.node(), "pid": os.getpid()}, file)
    except FileExistsError:
        return False
    return True


def _is_void(path: Path) -> bool:
    try:
        age = time.time() - path.stat().st_mtime
        owner = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:  # just given up
        return False
    except ValueError:  # being written, or its writer was killed there
        return age > VOID_AFTER  # pyright: ignore[reportPossiblyUnboundVariable]  # what it holds is read after that
    return age > VOID_AFTER or (owner["host"] == platform.node() and not _is_running(owner["pid"]))


def _is_running(pid: int) -> bool:
    if os.name == "nt":  # os.kill would end the process instead of asking for it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _keep_alive(path: Path, over: threading.Event) -> None:
    """Touch the lock; end this process when the one that started it has been killed."""
    while not over.wait(BEAT):
        if orphaned():
            os._exit(1)
        if path.exists():
            os.utime(path)
