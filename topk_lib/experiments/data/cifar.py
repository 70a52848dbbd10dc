"""Read CIFAR-10 and CIFAR-100 into memory."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from reprlib import repr as shortened

import numpy as np
import torch

from ..._validate import choice
from .base import ImageData, Split
from .cifar_files import EDITIONS, Edition, contents, fetch_archive, find, how_to_get, is_whole
from .plain_pickle import load_dict
from .registry import DATASETS

Entries = tuple[str, dict[str, object]]  # where a file lies, and what it holds


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
