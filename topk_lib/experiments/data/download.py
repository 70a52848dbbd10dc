"""Fetch one file from the first of several addresses that delivers it whole and true.

What has arrived is kept in FILE.part whatever happens, and the next request, at this address or another, asks
for the rest. A file that is complete but has the wrong MD5 is put aside as FILE.bad; only the right one ever
gets the name FILE.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path

CHUNK = 1 << 16
TRIES = 3  # fruitless requests in a row before the next address has its turn
WORTHWHILE = 1 << 20  # bytes that make a request fruitful although it was cut off
PAUSE = 1.0  # seconds between two requests to one address


class DownloadError(OSError):
    """No address delivered the right file."""


class _AddressFailed(Exception):
    """Go on to the next address."""


class _CutOff(Exception):
    """Ask the same address for the rest."""


class _NoRange(_CutOff):
    """The address cannot begin in the middle: ask for the whole file and skip what is there."""


@dataclass
class _Job:
    target: Path
    size: int
    md5: str
    timeout: float
    report: Callable[[int], object] = lambda have: None

    @property
    def part(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    @property
    def kept(self) -> str:
        where = f"{self.part} holds {self.have} of {self.size} bytes"
        return f"{where}; run the same command again to go on from there" if self.have else "Nothing was kept"


def fetch(
    urls: Sequence[str], target: str | Path, *, md5: str, size: int, timeout: float = 30.0, progress: bool = True
) -> Path:
    """Download ``target`` unless it is there already.

    Args:
        urls: http(s) addresses of the same file, tried in turn.
        target: where the file shall be; missing folders are made.
        md5: its MD5 sum in hexadecimal.
        size: its length in bytes.
        timeout: seconds without a byte after which a connection counts as cut off.
        progress: show a bar with rate and remaining time (needs tqdm).

    Returns:
        The path of the target.

    Raises:
        DownloadError: no address delivered the file; says what each did, with both sums where one was wrong.
        OSError: the disk is full (errno ENOSPC) or cannot be written. FILE.part is kept, as it is on Ctrl-C.
        ImportError: progress is wanted and tqdm is not installed.
    """
    target = Path(target)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    job, failures = _Job(target, size, md5, timeout), []
    with _explained(job), _progress_bar(job) if progress else nullcontext():
        for url in urls:
            try:
                return _from_address(url, job)
            except _AddressFailed as failure:
                failures.append(f"{url}: {failure}")
    raise DownloadError(
        f"could not download {target.name} ({'; '.join(failures) or 'no address was given'}). {job.kept}"
    )


def _from_address(url: str, job: _Job) -> Path:
    """Make the target. A part begun elsewhere may itself be wrong: then once more, from zero."""
    for begun in (job.have > 0, False):
        _complete(url, job)
        found = _md5(job.part)
        if found == job.md5:
            return job.part.replace(job.target)
        bad = job.part.replace(job.target.with_name(f"{job.target.name}.bad"))
        if not begun:
            break
    raise _AddressFailed(f"MD5 is {found} instead of {job.md5}, the file is put aside as {bad}")


def _complete(url: str, job: _Job) -> None:
    fruitless, ranged = 0, True
    while (before := job.have) < job.size:
        if shutil.disk_usage(job.target.parent).free < job.size - before:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        try:
            _request(url, job, ranged)
            reason = "the connection ended early"
        except _CutOff as cut:
            reason, ranged = str(cut), ranged and not isinstance(cut, _NoRange)
        fruitless = 0 if job.have - before >= WORTHWHILE else fruitless + 1
        if job.have < job.size:
            if fruitless == TRIES:
                raise _AddressFailed(f"{reason}, at {job.have} of {job.size} bytes")
            time.sleep(PAUSE)


def _request(url: str, job: _Job, ranged: bool) -> None:
    """Append what one answer brings, never beyond the size."""
    have = job.have
    with _open(url, have if ranged else 0, job.timeout) as response, open(job.part, "ab") as file:
        skip = have - _first_byte(response, have)
        for chunk in _chunks(response):
            fresh = chunk[skip:][: job.size - have]
            skip = max(0, skip - len(chunk))
            file.write(fresh)
            have += len(fresh)
            job.report(have)
            if have == job.size:
                return


def _open(url: str, start: int, timeout: float) -> HTTPResponse:
    headers = {"User-Agent": "topk-lib", "Accept-Encoding": "identity"}
    headers |= {"Range": f"bytes={start}-"} if start else {}
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:
                raise _NoRange("HTTP 416, range refused") from error
            raise _AddressFailed(f"HTTP {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise _AddressFailed(f"no answer ({getattr(error, 'reason', error)})") from error


def _first_byte(response: HTTPResponse, have: int) -> int:
    """Where in the file the answer begins."""
    if response.headers.get_content_type() == "text/html":
        raise _AddressFailed("answers with a web page instead of the file")
    if response.status != 206:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != have:
        raise _NoRange("HTTP 206 with another range than asked for")
    return have


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            chunk = response.read1(CHUNK)
        except (OSError, HTTPException) as error:
            raise _CutOff(f"the connection broke off ({error or type(error).__name__})") from error
        if not chunk:
            return
        yield chunk


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _explained(job: _Job) -> Iterator[None]:
    """Say what was kept and how to go on when the disk is full or the reader stops the download."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"download stopped. {job.kept}") from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            raise
        needed = f"the disk is full: {job.target} needs {job.size - job.have} bytes more in {job.target.parent}"
        raise OSError(errno.ENOSPC, f"{needed}. {job.kept}") from error


@contextmanager
def _progress_bar(job: _Job) -> Iterator[None]:
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError('the progress bar needs tqdm: pip install "topk-lib[train]"') from error
    with tqdm(total=job.size, initial=job.have, desc=job.target.name, unit="B", unit_scale=True) as bar:
        job.report = lambda have: bar.update(have - bar.n)
        yield
