"""A network watched at work: what is on every lane after every layer. For looking, not for training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .networks import Network
from .sigmoids import Comparator


@dataclass(frozen=True, eq=False)
class Stage:
    """The lanes after a layer; the first stage is what enters.

    Attributes:
        values: (n,) one number per lane, lane 0 first.
        shares: (n, n) how much of each input (columns) is on each lane (rows). Rows and columns sum to 1, and
            ``values = shares @ scores``; without softness it is a permutation.
        alpha: (comparators,) the degree to which each comparator of the layer kept its pair; empty at first.
    """

    values: np.ndarray
    shares: np.ndarray
    alpha: np.ndarray


def trace(network: Network, scores: Sequence[float], comparator: Comparator | None = None) -> list[Stage]:
    """Send one vector through a network and look at it after every layer.

    Outputs ascend: the last stage, upside down, holds the (softly) sorted scores as ``values[::-1]`` and the
    sorter's matrix P as ``shares[::-1]``.

    Args:
        network: any network.
        scores: n numbers, the first for lane 0.
        comparator: how swaps are softened; None for hard swaps, which keep equal scores in place.

    Returns:
        ``network.depth + 1`` stages.

    Raises:
        ValueError: there is not one finite score per lane.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != (network.n,) or not np.isfinite(values).all():
        raise ValueError(f"scores must hold one finite number for each of {network.n} lanes, got {scores!r}")
    stages = [Stage(values, np.eye(network.n), np.empty(0))]
    for layer in network.layers:
        stages.append(_next(stages[-1], layer, comparator))
    return stages


def _next(stage: Stage, layer: np.ndarray, comparator: Comparator | None) -> Stage:
    low, high = layer.T
    keep, swap = _weights(stage.values[high] - stage.values[low], comparator)
    lanes = np.column_stack([stage.values, stage.shares])
    after = lanes.copy()
    after[low] = keep[:, None] * lanes[low] + swap[:, None] * lanes[high]
    after[high] = swap[:, None] * lanes[low] + keep[:, None] * lanes[high]
    return Stage(after[:, 0], after[:, 1:], keep)


def _weights(gap: np.ndarray, comparator: Comparator | None) -> tuple[np.ndarray, np.ndarray]:
    if comparator is None:
        return (gap >= 0).astype(float), (gap < 0).astype(float)
    keep, swap = comparator.weights(torch.from_numpy(gap))
    return keep.numpy(), swap.numpy()
