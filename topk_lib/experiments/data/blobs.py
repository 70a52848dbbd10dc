"""Classes made of Gaussian blobs, whose posterior and hence best possible top-k accuracy are known exactly.

The story by which a label and its point come about:

1. a class is drawn evenly, and one of its blobs evenly;
2. the point is that blob's centre plus independent normal noise, ``spread`` wide in every direction.

The centres are drawn once, with a deviation of 1 in every direction. A small spread keeps the blobs apart; a large one
makes them overlap, and then even someone who knows all centres is often wrong. Bayes' rule gives P(class | point) in
closed form (see `BlobMixture.posterior`). Several blobs per class, scattered among those of other classes, are what a
linear classifier cannot separate: it is short of capacity, however many points it sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ... import _validate
from .embeddings import EmbeddingData, EmbeddingSplit
from .registry import DATASETS

NOISE_KINDS = ("uniform", "group")
POINTS, VALIDATION_POINTS = 10_000, 2_000


@dataclass(frozen=True, eq=False)
class BlobMixture:
    """A mixture of equally likely classes, each a mixture of equally likely round Gaussian blobs.

    Attributes:
        centres: (classes, blobs, dims) float64.
        spread: standard deviation of every blob in every direction, above 0.
        groups: (classes,) int64, the group of confusable classes that each class belongs to.
        seed: what the centres were drawn from; `draw` derives its random numbers from it.
    """

    centres: Tensor
    spread: float
    groups: Tensor
    seed: int

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.centres)

    @property
    def dims(self) -> int:
        """Numbers per point."""
        return self.centres.shape[-1]

    def draw(self, count: int, stream: int = 0) -> tuple[Tensor, Tensor]:
        """Draw points and their true labels.

        Args:
            count: N, at least 1.
            stream: a whole number >= 0; another one gives other points of the same classes.

        Returns:
            Points (N, dims) float32 and labels (N,) int64.

        Raises:
            TypeError, ValueError: naming the argument.
        """
        count = _validate.integer("count", count, 1)
        rng = _generator(self.seed, 1, _validate.integer("stream", stream, 0))
        classes, blobs, dims = self.centres.shape
        labels, blob = rng.integers(0, classes, count), rng.integers(0, blobs, count)
        points = self.centres.numpy()[labels, blob] + self.spread * rng.standard_normal((count, dims))
        return torch.from_numpy(points.astype(np.float32)), torch.from_numpy(labels)

    def posterior(self, points: Tensor) -> Tensor:
        """P(class | point) by Bayes' rule.

        All blobs are equally likely and equally wide, so a blob's share is proportional to exp(-d²/2σ²), with d the
        point's distance to its centre, and a class has the shares of its blobs.

        Args:
            points: (N, dims), any real type.

        Returns:
            (N, classes) float64, rows that sum to 1.

        Raises:
            ValueError: points of another shape.
        """
        if points.ndim != 2 or points.shape[1] != self.dims:
            raise ValueError(f"points must have shape (N, {self.dims}), got {tuple(points.shape)}")
        # |x|² is the same for every blob and drops out
        products = points.double() @ self.centres.flatten(0, 1).T
        squares = self.centres.square().sum(-1).flatten()
        shares = ((products - squares / 2) / self.spread**2).softmax(dim=1)
        return shares.unflatten(1, self.centres.shape[:2]).sum(dim=2)


def blob_mixture(
    seed: int = 0, classes: int = 100, blobs: int = 3, dims: int = 16, spread: float = 0.7, group_size: int = 5
) -> BlobMixture:
    """Draw the centres of a mixture.

    Args:
        seed: a whole number >= 0; another seed gives other centres. The spread has no influence on them.
        classes, blobs, dims: how many classes, blobs per class and numbers per point, each at least 1 (classes: 2).
        spread: how wide every blob is, where centres have a deviation of 1 in every direction.
        group_size: classes per group of confusable classes (see `neighbour_groups`); divides ``classes``.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
    """
    seed = _validate.integer("seed", seed, 0)
    classes = _validate.integer("classes", classes, 2)
    shape = classes, _validate.integer("blobs", blobs, 1), _validate.integer("dims", dims, 1)
    spread = _validate.positive_real("spread", spread)
    centres = torch.from_numpy(_generator(seed, 0).standard_normal(shape))
    return BlobMixture(centres, spread, neighbour_groups(centres, group_size), seed)


def neighbour_groups(centres: Tensor, group_size: int) -> Tensor:
    """Put classes whose blobs are neighbours into groups of equal size, greedily.

    A group starts with the two closest classes that are still free and takes, one by one, the free class that is
    closest to any of its members. Two classes are as close as their closest blobs.

    Args:
        centres: (classes, blobs, dims).
        group_size: at least 2; divides the number of classes.

    Returns:
        (classes,) int64, group numbers from 0 in the order in which the groups were made: the closest first.

    Raises:
        TypeError, ValueError: group_size is not allowed.
    """
    classes, blobs, _ = centres.shape
    group_size = _validate.integer("group_size", group_size, 2, classes)
    if classes % group_size:
        raise ValueError(f"group_size must divide the number of classes, {classes}, got {group_size}")
    flat = centres.flatten(0, 1)
    distances = torch.cdist(flat, flat).view(classes, blobs, classes, blobs).amin(dim=(1, 3))
    distances.fill_diagonal_(torch.inf)
    groups = torch.full((classes,), -1)
    for group in range(classes // group_size):
        free = groups < 0
        pairs = distances.masked_fill(~(free[:, None] & free[None, :]), torch.inf)
        groups[pairs.argmin() // classes] = group
        for _ in range(group_size - 1):
            nearest = distances[groups == group].amin(dim=0).masked_fill(groups >= 0, torch.inf)
            groups[nearest.argmin()] = group
    return groups


def noisy_labels(labels: Tensor, rate: float, groups: Tensor, kind: str = "uniform", seed: int = 0) -> Tensor:
    """Replace a part of the labels by wrong ones.

    Every label is replaced with probability ``rate``, by a class drawn evenly from all other classes ("uniform") or
    from the other classes of its own group ("group"). With one seed, both kinds and all rates replace nested sets of
    labels.

    Args:
        labels: (N,) int64.
        rate: from 0 to 1.
        groups: (classes,) int64, the group of each class; groups of at least two classes.
        kind: "uniform" or "group".
        seed: a whole number >= 0.

    Returns:
        (N,) int64.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
    """
    rate, partners = _validate.real("rate", rate, 0, 1), _partners(groups, kind)
    _validate.class_indices("labels", labels, labels.shape[:1], len(groups))
    rng = _generator(_validate.integer("seed", seed, 0), 2)
    replaced = torch.from_numpy(rng.random(len(labels)) < rate)
    pick = torch.from_numpy(rng.random(len(labels)))
    counts = partners.sum(dim=1)[labels]
    nth = (pick * counts).long().clamp(max=counts - 1)
    # partners of a class, in ascending order, stand first in its row
    wrong = (~partners).long().argsort(dim=1, stable=True)[labels, nth]
    return torch.where(replaced, wrong, labels)


def noisy_posterior(posterior: Tensor, rate: float, groups: Tensor, kind: str = "uniform") -> Tensor:
    """P(noisy label | point) of labels that went through `noisy_labels`, from P(class | point).

    A class keeps 1 - rate of its own probability and gets an even part of ``rate`` times those of its partners.

    Args:
        posterior: (N, classes).
        rate, groups, kind: as of `noisy_labels`.

    Returns:
        (N, classes), rows that sum to 1.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
    """
    rate, partners = _validate.real("rate", rate, 0, 1), _partners(groups, kind)
    if posterior.ndim != 2 or posterior.shape[1] != len(groups):
        raise ValueError(f"posterior must have shape (N, {len(groups)}), got {tuple(posterior.shape)}")
    moves = partners.to(posterior.dtype)
    moves = moves / moves.sum(dim=1, keepdim=True)
    return (1 - rate) * posterior + rate * posterior @ moves


@DATASETS.register("blobs", vectors=True)
def load_blobs(
    seed: int = 0,
    train_size: int | None = None,
    test_size: int | None = None,
    *,
    spread: float = 0.7,
    noise: str = "uniform",
    noise_rate: float = 0.0,
) -> EmbeddingData:
    """Points of 100 classes with 3 blobs each, in 16 dimensions, with 2,000 validation points of their own.

    Args:
        seed: of the centres, the points and the noise in the labels, each drawn by itself.
        train_size, test_size: how many points; 10,000 each by default.
        spread: of the blobs; the larger, the more ambiguous.
        noise: "uniform" or "group", see `noisy_labels`.
        noise_rate: fraction of the training and validation labels that are replaced. Test labels are never touched.

    Returns:
        EmbeddingData of points, with the true posterior of the test points.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
    """
    _validate.choice("noise", noise, NOISE_KINDS)
    _validate.real("noise_rate", noise_rate, low=0, high=1)
    mixture = blob_mixture(seed, spread=spread)
    train_size, test_size = (POINTS if size is None else size for size in (train_size, test_size))
    noisy = []
    for stream, size in enumerate((train_size, VALIDATION_POINTS)):
        points, labels = mixture.draw(size, stream)
        labels = noisy_labels(labels, noise_rate, mixture.groups, noise, 2 * seed + stream)
        noisy.append(EmbeddingSplit(points, labels))
    points, labels = mixture.draw(test_size, stream=2)
    test = EmbeddingSplit(points, labels, mixture.posterior(points))
    return EmbeddingData("blobs", noisy[0], test, mixture.num_classes, noisy[1], "points")


def _partners(groups: Tensor, kind: str) -> Tensor:
    """(classes, classes) bool: which classes may replace the class of the row."""
    _validate.choice("kind", kind, NOISE_KINDS)
    same = groups[:, None] == groups[None, :] if kind == "group" else torch.ones(len(groups), len(groups)).bool()
    partners = same & ~torch.eye(len(groups), dtype=torch.bool)
    if not partners.any(dim=1).all():
        raise ValueError("groups must hold at least two classes each, for a label needs another one to become")
    return partners


def _generator(seed: int, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
