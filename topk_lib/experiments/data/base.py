"""What every data set of the kit looks like once it is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

import torch
from torch import Tensor

from ..._validate import integer

Same = TypeVar("Same", bound="Samples")
CHUNK = 2**22
"""Bytes of samples that are held at a time where all of them have to be seen."""


class Samples:
    """What splits of images and splits of vectors have in common; ``SAMPLES`` is the name of what holds the samples."""

    SAMPLES: ClassVar[str]
    labels: Tensor
    posterior: Tensor | None

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, chosen: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Some of the samples and their labels, by indices (B,) in any order or a slice."""
        return getattr(self, self.SAMPLES)[chosen], self.labels[chosen]

    def only(self: Same, chosen: Tensor | slice) -> Same:
        """The same as `rows`, as a split."""
        samples, labels = self.rows(chosen)
        posterior = None if self.posterior is None else self.posterior[chosen]
        changed = {self.SAMPLES: samples, "labels": labels, "posterior": posterior}
        return replace(self, **changed)  # pyright: ignore[reportArgumentType]  # what derives from it is a dataclass

    def chunks(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All samples and their labels in their order, a few megabytes at a time."""
        samples = getattr(self, self.SAMPLES)
        size = max(1, CHUNK // (samples[0].numel() * samples.itemsize))
        return (self.rows(slice(start, start + size)) for start in range(0, len(self), size))


@dataclass(frozen=True, eq=False)
class Split(Samples):
    """N labelled images, held as tensors on the CPU.

    Attributes:
        images: (N, 3, H, W) uint8, channels red, green, blue.
        labels: (N,) int64, from 0 to classes - 1.
        posterior: (N, classes) float32, the true P(class | image) where the data set knows it, else None.
    """

    images: Tensor
    labels: Tensor
    posterior: Tensor | None = None
    SAMPLES: ClassVar[str] = "images"

    def __repr__(self) -> str:
        known = "" if self.posterior is None else ", posterior known"
        return f"Split({len(self)} images {tuple(self.images.shape[1:])}{known})"

    def subset(self, size: int, seed: int = 0) -> Split:
        """``size`` of the images, in their present order, with class counts as equal as the data allow.

        The same seed gives nested subsets: the 100 images of size 100 are among the 200 of size 200.

        Raises:
            ValueError: size is below 1 or above N.
        """
        size = integer("size", size, 1, len(self))
        return self.only(_balanced_order(self.labels, seed)[:size].sort().values)


@dataclass(frozen=True, eq=False)
class ImageData:
    """A data set: training images, test images, and what their labels mean.

    Attributes:
        name: as ``topk_lib.experiments.data.load`` takes it.
        train, test: the two splits.
        validation: images to choose by, an epoch or a learning rate, where the data set has some apart from ``train``.
        class_names: one name per label.
        group_names: names of groups of classes (CIFAR-100's superclasses, synthetic100's motifs), else None.
        groups: (classes,) int64, the group of each class (-1 where the files do not say), else None.
    """

    name: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    group_names: tuple[str, ...] | None = None
    groups: Tensor | None = None
    validation: Split | None = None
    kind: ClassVar[str] = "images"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one image, (3, H, W)."""
        return tuple(self.train.images.shape[1:])

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def subset(self, train_size: int | None = None, test_size: int | None = None, seed: int = 0) -> ImageData:
        """The same data with fewer images to train and to test on; None keeps a split whole. See ``Split.subset``."""
        train, test = self.train, self.test
        if train_size is not None:
            train = train.subset(integer("train_size", train_size, 1, len(train)), seed)
        if test_size is not None:
            test = test.subset(integer("test_size", test_size, 1, len(test)), seed)
        return replace(self, train=train, test=test)


def _balanced_order(labels: Tensor, seed: int) -> Tensor:
    """All rows, so ordered that every beginning is balanced: every class once, every class twice, ..."""
    shuffle = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    by_class = shuffle[labels[shuffle].sort(stable=True).indices]
    counts = torch.bincount(labels)
    starts = counts.cumsum(0) - counts
    turn = torch.arange(len(labels)) - starts[labels[by_class]]
    return by_class[(turn * len(labels) + shuffle).sort().indices]


def split_off(train: Same, fraction: float, seed: int) -> tuple[Same, Same | None]:
    """Keep a random part of the training samples away from training.

    Args:
        train: N samples.
        fraction: of them, from 0 (none) to less than 1; a fraction above 0 keeps at least one.
        seed: chooses which.

    Returns:
        The samples to train on, and those held out or None.

    Raises:
        ValueError: no sample would be left to train on.
    """
    count = max(1, round(fraction * len(train))) if fraction else 0
    if fraction < 0 or count >= len(train):
        raise ValueError(f"fraction must leave a sample of {len(train)} to train on, got {fraction}")
    if count == 0:
        return train, None
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))
    return train.only(order[count:].sort().values), train.only(order[:count].sort().values)
