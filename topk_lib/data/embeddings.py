"""Stored embeddings: the vectors by which a trained network describes images, and their labels."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .._validate import integer

PARTS = ("embeddings", "labels")
LAYOUTS = (("train_", "test_"), ("train_", "val_"), ("imagenet21k_train_", "imagenet21k_val_"))
"""What stands before "embeddings" and "labels", for training and for test; first the one that is written here.

The other two are those of the files that the authors of "Differentiable Top-k Classification Learning" publish.
"""


@dataclass(frozen=True, eq=False)
class EmbeddingSplit:
    """N labelled embeddings, held on the CPU.

    Attributes:
        features: (N, d), of the floating-point type that they were stored in.
        labels: (N,) int64, from 0 up.
    """

    features: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"EmbeddingSplit({len(self)} embeddings of {self.features.shape[1]} numbers)"


@dataclass(frozen=True, eq=False)
class EmbeddingData:
    """Embeddings to train a head on, and embeddings to test it on.

    Attributes:
        name: what records call it, usually the file's name.
        train, test: the two splits.
        num_classes: labels are below it.
    """

    name: str
    train: EmbeddingSplit
    test: EmbeddingSplit
    num_classes: int

    @property
    def dimensions(self) -> int:
        """Numbers per embedding."""
        return self.train.features.shape[1]


def make_embeddings(
    name: str,
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    num_classes: int | None = None,
) -> EmbeddingData:
    """Embeddings that are in memory already, checked.

    Args:
        name: for records and errors.
        train, test: features (N, d) and labels (N,), as tensors, arrays or lists.
        num_classes: one more than the largest label by default.

    Raises:
        ValueError: shapes do not fit, features are not finite floating-point numbers, or labels are not whole
            numbers from 0 to num_classes - 1.
    """
    splits = [_split(f"{name}: {part}", *pair) for part, pair in (("train", train), ("test", test))]
    widths = [split.features.shape[1] for split in splits]
    if widths[0] != widths[1]:
        raise ValueError(f"{name}: train and test must have embeddings of one length, got {widths[0]} and {widths[1]}")
    largest = max(int(split.labels.max()) for split in splits)
    num_classes = largest + 1 if num_classes is None else integer("num_classes", num_classes, 1)
    if largest >= num_classes:
        raise ValueError(f"{name}: labels must be from 0 to {num_classes - 1}, got {largest}")
    return EmbeddingData(name, *splits, num_classes)


def load_embeddings(path: str | Path) -> EmbeddingData:
    """Read embeddings from a .npz file, or from a dict that was written by torch.save.

    Both hold train_embeddings (N, d), train_labels (N,), test_embeddings and test_labels. The names in the
    authors' published files (val_ in place of test_, or imagenet21k_train_ and imagenet21k_val_) are known too. A
    torch file is read with ``weights_only=True``: nothing in it is run.

    Args:
        path: a name that ends in .npz is NumPy's format, any other torch's.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, holds more than plain tensors, lacks an entry, or the entries do not fit.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: embeddings are read from a .npz file or a file of torch.save")
    entries = _read_npz(path) if path.suffix == ".npz" else _read_torch(path)
    for prefixes in LAYOUTS:
        names = [[prefix + part for part in PARTS] for prefix in prefixes]
        if all(name in entries for pair in names for name in pair):
            train, test = ((entries[features], entries[labels]) for features, labels in names)
            return make_embeddings(path.name, train, test)
    wanted = ", ".join(prefix + part for prefix in LAYOUTS[0] for part in PARTS)
    found = ", ".join(sorted(map(str, entries))) or "nothing"
    raise ValueError(f"{path} must hold {wanted} (or the names of the authors' files), got {found}")


def save_embeddings(path: str | Path, data: EmbeddingData) -> Path:
    """Write a .npz file that `load_embeddings` reads, whole or not at all. Folders are made as needed.

    Raises:
        ValueError: the name does not end in .npz.
    """
    path = Path(path).expanduser()
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {str(path)!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for prefix, split in zip(LAYOUTS[0], (data.train, data.test), strict=True):
        features = split.features.float() if split.features.dtype == torch.bfloat16 else split.features
        arrays |= {f"{prefix}embeddings": features.numpy(), f"{prefix}labels": split.labels.numpy()}
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file:
            return dict(np.load(file, allow_pickle=False))
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged or not a .npz file of plain numbers ({_first_line(error)})") from error


def _read_torch(path: Path) -> Mapping[str, object]:
    try:
        entries = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError) as error:
        raise ValueError(
            f"{path} is damaged or holds more than plain tensors; nothing in it was run ({_first_line(error)})"
        ) from error
    if not isinstance(entries, Mapping):
        raise ValueError(f"{path} must hold a dict, got {type(entries).__name__}")
    return entries


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _split(where: str, features: object, labels: object) -> EmbeddingSplit:
    features, labels = (_tensor(f"{where} {name}", x) for name, x in zip(PARTS, (features, labels), strict=True))
    if not features.is_floating_point() or features.ndim != 2 or 0 in features.shape:
        kind = f"{features.dtype} of shape {tuple(features.shape)}"
        raise ValueError(f"{where} embeddings must be floating-point numbers of shape (N, d), none empty, got {kind}")
    if unusable := int((~torch.isfinite(features)).sum()):
        raise ValueError(f"{where} embeddings must be finite, got {unusable} numbers that are not")
    if labels.is_floating_point() or labels.dtype == torch.bool or labels.shape != features.shape[:1]:
        kind = f"{labels.dtype} of shape {tuple(labels.shape)}"
        raise ValueError(f"{where} labels must be whole numbers of shape ({len(features)},), got {kind}")
    if labels.min() < 0:
        raise ValueError(f"{where} labels must be 0 or larger, got {int(labels.min())}")
    return EmbeddingSplit(features, labels.long())


def _tensor(where: str, values: object) -> Tensor:
    try:
        tensor = torch.as_tensor(values).detach()
        return tensor.clone() if tensor.is_inference() else tensor  # autograd refuses what inference mode made
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{where} must be an array of numbers, got {type(values).__name__}") from error
