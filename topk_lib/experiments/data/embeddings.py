"""Stored embeddings: the vectors by which a trained network describes images, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..._validate import integer
from .array_files import Rows, check_ending, copy_rows, map_arrays, write_arrays
from .base import Samples
from .registry import DATASETS

PARTS = ("embeddings", "labels")
LAYOUTS = (("train_", "test_"), ("train_", "val_"), ("imagenet21k_train_", "imagenet21k_val_"))
"""What stands before "embeddings" and "labels", for training and for test; first the one that is written here.

The other two are those of the files that the authors of "Differentiable Top-k Classification Learning" publish.
"""
PLAUSIBLE = 100_000
"""So many classes are believed of any labels; more of them only where there are as many embeddings."""


@dataclass(frozen=True, eq=False)
class EmbeddingSplit(Samples):
    """N labelled embeddings, on the CPU or in a file that is mapped into memory.

    Attributes:
        features: (N, d), of the floating-point type that they were stored in. Where they may be larger than
            memory, use ``rows`` and ``chunks`` and leave these alone.
        labels: (N,) int64, from 0 up.
        posterior: (N, classes), the true P(class | embedding) where the data set knows it, else None.
    """

    features: Tensor
    labels: Tensor
    posterior: Tensor | None = None
    SAMPLES: ClassVar[str] = "features"

    def rows(self, chosen: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Some of the embeddings and their labels, copied; of a mapped file nothing else is read."""
        return copy_rows(self.features, chosen), self.labels[chosen]

    def __repr__(self) -> str:
        return f"EmbeddingSplit({len(self)} embeddings of {self.features.shape[1]} numbers)"


@dataclass(frozen=True, eq=False)
class EmbeddingData:
    """Embeddings to train a head on, and embeddings to test it on.

    Attributes:
        name: what records call it, usually the file's name.
        train, test: the two splits.
        num_classes: labels are below it.
        validation: embeddings to choose by, where there are some apart from ``train``.
        kind: what records call the samples.
    """

    name: str
    train: EmbeddingSplit
    test: EmbeddingSplit
    num_classes: int
    validation: EmbeddingSplit | None = None
    kind: str = "embeddings"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one embedding, (d,)."""
        return tuple(self.train.features.shape[1:])

    @property
    def dimensions(self) -> int:
        """Numbers per embedding."""
        return self.train.features.shape[1]


def make_embeddings(
    name: str, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], num_classes: int | None = None
) -> EmbeddingData:
    """Embeddings that are in memory already, checked.

    Args:
        name: for records and errors.
        train, test: features (N, d) and labels (N,), as tensors, arrays or lists.
        num_classes: one more than the largest label by default, if that is plausible.

    Raises:
        ValueError: shapes do not fit, features are not finite floating-point numbers, or labels are not whole
            numbers from 0 to num_classes - 1. Rows that it names are counted from 0.
    """
    splits = [_split(f"{name}: {part}", *pair) for part, pair in (("train", train), ("test", test))]
    widths = [split.features.shape[1] for split in splits]
    if widths[0] != widths[1]:
        raise ValueError(f"{name}: train and test must have embeddings of one length, got {widths[0]} and {widths[1]}")
    if num_classes is not None:
        num_classes = integer("num_classes", num_classes, 1)
    return EmbeddingData(name, splits[0], splits[1], _count_classes(name, splits, num_classes))


@DATASETS.register("embeddings:", "FILE", vectors=True)
def load_embeddings(path: str | Path) -> EmbeddingData:
    """Read embeddings from a .npz or .safetensors file, or from a dict that was written by torch.save.

    All hold train_embeddings (N, d), train_labels (N,), test_embeddings and test_labels. The names in the
    authors' published files (val_ in place of test_, or imagenet21k_train_ and imagenet21k_val_) are known too. A
    torch file is read with ``weights_only=True``: nothing in it is run.

    Embeddings are mapped, not loaded: the file may be larger than memory. It is read once, in chunks, to see that
    every number is finite; leave it in its place while the embeddings are in use. Compressed .npz files, and numbers
    in another byte order than this machine's, are the exception, and come into memory. Numbers of two bytes that
    NumPy has no name for (V2) are bfloat16, for that is how NumPy stores those of the package ml_dtypes.

    Args:
        path: a name that ends in .npz is NumPy's format, one in .safetensors that of this name, any other torch's.
            A .npy holds one array, and is refused: embeddings and labels are four.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, holds more than plain tensors, lacks an entry, or the entries do not fit.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: embeddings are in a .npz, .safetensors or torch.save file")
    wanted = ", ".join(prefix + part for prefix in LAYOUTS[0] for part in PARTS)
    if path.suffix.lower() == ".npy":
        raise ValueError(f"{path} holds one array; numpy.savez writes all into one .npz: {wanted}")
    entries = map_arrays(path)
    for prefixes in LAYOUTS:
        names = [[prefix + part for part in PARTS] for prefix in prefixes]
        if all(name in entries for pair in names for name in pair):
            train, test = ((entries[features], entries[labels]) for features, labels in names)
            return make_embeddings(path.name, train, test)
    found = ", ".join(sorted(map(str, entries))) or "nothing"
    raise ValueError(f"{path} must hold {wanted} (or the names of the authors' files), got {found}")


def save_embeddings(path: str | Path, data: EmbeddingData) -> Path:
    """Write a file that `load_embeddings` maps, whole or not at all. Folders are made as needed.

    Args:
        path: ends in .npz or .safetensors. A .npz file knows no bfloat16 and holds such numbers as float32.
        data: may itself be mapped from a file.

    Raises:
        ValueError: the name ends otherwise.
        OSError: it cannot be written.
    """
    path = Path(path).expanduser()
    check_ending(path)
    arrays = {}
    for prefix, split in zip(LAYOUTS[0], (data.train, data.test), strict=True):
        kind = split.features.dtype
        kind = torch.float32 if kind == torch.bfloat16 and path.suffix.lower() == ".npz" else kind
        pieces = (features for features, _ in split.chunks())
        arrays[f"{prefix}embeddings"] = Rows(kind, tuple(split.features.shape), pieces)
        arrays[f"{prefix}labels"] = Rows(torch.int64, (len(split),), (split.labels,))
    return write_arrays(path, arrays)


def _count_classes(name: str, splits: Sequence[EmbeddingSplit], given: int | None) -> int:
    """As many as are given, or one more than the largest label."""
    count = sum(map(len, splits))
    limit, reason = (given, "") if given else (max(PLAUSIBLE, count), f": there are {count:,} embeddings")
    largest = [int(split.labels.max()) for split in splits]
    for part, split, label in zip(("train", "test"), splits, largest, strict=True):
        if label >= limit:
            found = f"{label} in row {int(split.labels.argmax())}{reason}"
            raise ValueError(f"{name}: {part} labels must number the classes, from 0 to {limit - 1}, got {found}")
    return given or max(largest) + 1


def _split(where: str, features: object, labels: object) -> EmbeddingSplit:
    features, labels = (_tensor(f"{where} {name}", x) for name, x in zip(PARTS, (features, labels), strict=True))
    if not features.is_floating_point() or features.ndim != 2 or 0 in features.shape:
        kind = f"{features.dtype} of shape {tuple(features.shape)}"
        raise ValueError(f"{where} embeddings must be floating-point numbers of shape (N, d), none empty, got {kind}")
    if labels.ndim == 1 and len(labels) != len(features):
        raise ValueError(f"{where} must have as many labels as embeddings, got {len(labels)} and {len(features)}")
    if labels.is_floating_point() or labels.dtype == torch.bool or labels.shape != features.shape[:1]:
        kind = f"{labels.dtype} of shape {tuple(labels.shape)}"
        raise ValueError(f"{where} labels must be whole numbers of shape ({len(features)},), got {kind}")
    # Labels are few: copied into memory, they are aligned, and no step waits for the disk on their account.
    split = EmbeddingSplit(features.contiguous(), copy_rows(labels.contiguous(), slice(None)).long())
    unusable, first = _count_unusable(split)
    if unusable:
        found = f"{unusable} numbers that are not, the first in row {first}"
        raise ValueError(f"{where} embeddings must be finite, got {found}")
    if (lowest := int(split.labels.min())) < 0:
        raise ValueError(f"{where} labels must be 0 or larger, got {lowest} in row {int(split.labels.argmin())}")
    return split


def _count_unusable(split: EmbeddingSplit) -> tuple[int, int]:
    """How many numbers are NaN or infinite, and the row of the first; nothing but a chunk is in memory at a time."""
    unusable = first = row = 0
    for chunk, _ in split.chunks():
        if count := int((~torch.isfinite(chunk)).sum()):
            first = first if unusable else row + int((~torch.isfinite(chunk)).any(1).nonzero()[0])
            unusable += count
        row += len(chunk)
    return unusable, first


def _tensor(where: str, values: Any) -> Tensor:
    try:
        tensor = torch.as_tensor(_as_torch_takes_it(values)).detach()
        return tensor.clone() if tensor.is_inference() else tensor  # autograd refuses what inference mode made
    except (TypeError, ValueError, RuntimeError) as error:
        kind = f"{type(values).__name__}{f' of {values.dtype}' if hasattr(values, 'dtype') else ''}"
        raise ValueError(f"{where} must be an array of numbers, got {kind}") from error


def _as_torch_takes_it(values: object) -> object:
    """An array in this machine's byte order, or what is left in a file of ml_dtypes' bfloat16; others as they are."""
    if not isinstance(values, np.ndarray):
        return values
    if (values.dtype.kind, values.dtype.itemsize, values.dtype.fields) == ("V", 2, None):
        return torch.from_numpy(values.view(np.int16)).view(torch.bfloat16)
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))
