"""Three ways to the label's probability of each of the k best ranks. All give the same numbers, at different cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ...networks import top_k_network
from ...propagate.plain import Wiring, push, wire
from ...sorters import SortingNetwork

COMPARATOR = {"distribution": "cauchy", "steepness": 1.0}


@dataclass(frozen=True)
class Way:
    """One way.

    Attributes:
        title: in words.
        ranks: (kind, scores (B, n), labels (B,), k) -> (B, k), the label's probability of each rank, best first.
        numbers: (n, k, comparators) -> how many numbers one sample keeps per pass, the larger of what is stored
            for the backward pass and what it computes again.
    """

    title: str
    ranks: Callable[[str, Tensor, Tensor, int], Tensor]
    numbers: Callable[[int, int, int], int]


@lru_cache(maxsize=64)
def sorter(kind: str) -> SortingNetwork:
    """The network of that kind, with the comparators that all three ways share."""
    return SortingNetwork(kind, **COMPARATOR)


@lru_cache(maxsize=64)
def _table(kind: str, n: int, k: int) -> tuple[Tensor, Wiring]:
    table, wiring = wire(top_k_network(kind, n, k), k)
    return torch.from_numpy(table), wiring


def whole_matrix(kind: str, scores: Tensor, labels: Tensor, k: int) -> Tensor:
    """Every class rides: the identity goes through the network as n payloads and comes out as P; read a column."""
    batch, n = scores.shape
    everyone = torch.eye(n, dtype=scores.dtype).unsqueeze(2).expand(n, n, batch)
    P = push(scores.T, everyone, *_table(kind, n, k), sorter(kind).comparator)  # (n, k, B)
    return P[labels, :, torch.arange(batch)]


def k_rows(kind: str, scores: Tensor, labels: Tensor, k: int) -> Tensor:
    """The k rows of P, as the library builds them when it is asked for a matrix; read a column."""
    P = sorter(kind)(scores, k)  # (B, k, n)
    return P[torch.arange(len(labels)), :, labels]


def payload(kind: str, scores: Tensor, labels: Tensor, k: int) -> Tensor:
    """Only the label rides."""
    return sorter(kind).rank_probabilities(scores, labels, k)


WAYS: dict[str, Way] = {
    "whole matrix": Way("all n classes ride", whole_matrix, lambda n, k, size: (n + 1) * size),
    "k rows": Way("k rows of P are pulled back", k_rows, lambda n, k, size: (k + 1) * size),
    "payload": Way("the label alone rides", payload, lambda n, k, size: 2 * size),
}
"""By the name that the cost record and the lesson use."""
