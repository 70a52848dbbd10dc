"""Embeddings drawn by code: thousands of classes, in groups whose members lie close together."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..._validate import integer, positive_real
from .embeddings import EmbeddingData, make_embeddings


class Drawn(NamedTuple):
    """Embeddings, and where they were drawn from.

    Attributes:
        data: the embeddings.
        centers: (classes, d): an embedding of class c is its row c plus standard normal noise.
    """

    data: EmbeddingData
    centers: Tensor

    def best_scores(self, features: Tensor) -> Tensor:
        """The scores (N, classes) of the best possible head: log P(class | embedding), up to a constant per row.

        With equal noise around every center, Bayes' rule gives x·c - |c|²/2: this head is linear.
        """
        return features @ self.centers.T - self.centers.square().sum(1) / 2


def draw_embeddings(
    classes: int = 10_000,
    train_size: int = 2_000,
    test_size: int = 2_000,
    dimensions: int = 64,
    group_size: int = 5,
    group_spread: float = 0.7,
    class_spread: float = 0.3,
    seed: int = 0,
) -> Drawn:
    """Draw embeddings with labels that are equally likely.

    Args:
        classes: a multiple of ``group_size``.
        train_size, test_size: how many embeddings, each at least 1.
        dimensions: numbers per embedding.
        group_size: classes per group.
        group_spread: standard deviation of the groups' centers, per dimension, in units of the noise.
        class_spread: of the classes' centers around that of their group; smaller is harder to tell apart.
        seed: another one gives other centers and other embeddings.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    group_size = integer("group_size", group_size, 1)
    classes = integer("classes", classes, group_size)
    if classes % group_size:
        raise ValueError(f"classes must be a multiple of group_size={group_size}, got {classes}")
    dimensions = integer("dimensions", dimensions, 1)
    sizes = [integer(name, n, 1) for name, n in (("train_size", train_size), ("test_size", test_size))]
    spreads = positive_real("group_spread", group_spread), positive_real("class_spread", class_spread)
    generator = torch.Generator().manual_seed(integer("seed", seed, 0))
    groups = spreads[0] * torch.randn(classes // group_size, dimensions, generator=generator)
    offsets = spreads[1] * torch.randn(classes, dimensions, generator=generator)
    centers = groups.repeat_interleave(group_size, dim=0) + offsets
    train, test = (_draw(centers, size, generator) for size in sizes)
    return Drawn(make_embeddings(f"drawn{classes}", train, test, classes), centers)


def _draw(centers: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    labels = torch.randint(len(centers), (size,), generator=generator)
    noise = torch.randn(size, centers.shape[1], generator=generator)
    return centers[labels] + noise, labels
