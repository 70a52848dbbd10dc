"""What a loss does with labels of good, middling and bad rank."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...experiments.data import EmbeddingSplit
from ...losses import TopKCrossEntropyLoss

CLASSES = 100
EDGES = (1, 5, 10, CLASSES)
BUCKETS = tuple(f"{low}" if low == high else f"{low} to {high}" for low, high in zip((1, 2, 6, 11), EDGES, strict=True))


def label_ranks(model: nn.Module, points: EmbeddingSplit) -> Tensor:
    """The rank (N,) that the network gives to every label, 1 for the best."""
    with torch.inference_mode():
        scores = model(points.features)
    return 1 + (scores > scores.gather(1, points.labels[:, None])).sum(dim=1)


def rank_shares(model: nn.Module, points: EmbeddingSplit) -> list[float]:
    """The fraction of labels in each of `BUCKETS`."""
    ranks = label_ranks(model, points)
    return _by_bucket(ranks, torch.ones(len(ranks)))


def pull_shares(model: nn.Module, points: EmbeddingSplit, p_k: Sequence[float]) -> list[float]:
    """How a loss divides its pull on the labels' scores, -∂loss/∂s_y added over the points, among `BUCKETS`.

    Args:
        model: whose scores are taken as they are.
        points: whose labels count.
        p_k: of the top-k loss; [1] is cross-entropy.
    """
    with torch.no_grad():
        scores = model(points.features)
    scores.requires_grad_()
    TopKCrossEntropyLoss(p_k, reduction="sum")(scores, points.labels).backward()
    pull = -scores.grad.gather(1, points.labels[:, None])[:, 0]
    return _by_bucket(label_ranks(model, points), pull)


def _by_bucket(ranks: Tensor, amounts: Tensor) -> list[float]:
    bucket = torch.bucketize(ranks, torch.tensor(EDGES))
    sums = torch.zeros(len(EDGES), dtype=torch.double).index_add_(0, bucket, amounts.double())
    return (sums / sums.sum()).tolist()
