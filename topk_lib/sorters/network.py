"""Sorting networks with softened comparators (Petersen et al. 2021, 2022)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from .. import _validate
from ..networks import KINDS, Network, top_k_network
from ..propagate import pull, push
from ..settings import Checks
from ..sigmoids import SIGMOIDS, Comparator
from .base import SORTERS, Sorter


@SORTERS.register("splitter_selection", "splitter selection", kind="splitter_selection")
@SORTERS.register("bitonic", "bitonic", kind="bitonic")
@SORTERS.register("odd_even", "odd-even", kind="odd_even")
class SortingNetwork(Sorter):
    """A comparator network whose swaps are soft.

    Rows and columns of the full matrix sum to 1. The result depends on the order in which the classes enter the
    network, the less the harder the comparators. Only comparators that the top k need are run, and a
    ``splitter_selection`` network is built for the very k that is asked for.

    Args:
        kind: "odd_even", "bitonic" or "splitter_selection".
        steepness: β > 0, per unit of score; larger is harder. Useful values grow as score gaps shrink.
        distribution: "cauchy", "logistic", "logistic_phi", "gaussian", "reciprocal" or "optimal"; see
            `topk_lib.sigmoids`.
        art_lambda: λ in [0, 1) of the activation replacement trick, read by "logistic_phi" only.

    Raises:
        ValueError, TypeError: naming the argument, its value and what is allowed.

    Source: "Differentiable Top-k Classification Learning" (ICML 2022).
    """

    CHECKS: ClassVar[Checks] = {
        "kind": partial(_validate.choice, allowed=KINDS),
        "comparator": partial(_validate.instance, of=Comparator),
    }

    def __init__(
        self,
        kind: str = "splitter_selection",
        steepness: float = 1.0,
        distribution: str = "cauchy",
        art_lambda: float = 0.25,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.comparator = Comparator(distribution, steepness, art_lambda)

    @property
    def steepness(self) -> float:
        return self.comparator.steepness

    @steepness.setter
    def steepness(self, value: float) -> None:
        self.comparator = replace(self.comparator, steepness=value)

    @property
    def distribution(self) -> str:
        return self.comparator.distribution

    @distribution.setter
    def distribution(self, value: str) -> None:
        self.comparator = replace(self.comparator, distribution=value)

    @property
    def art_lambda(self) -> float:
        return self.comparator.art_lambda

    @art_lambda.setter
    def art_lambda(self, value: float) -> None:
        self.comparator = replace(self.comparator, art_lambda=value)

    def top_k_bound(self, k: int) -> float:
        """1: columns sum to 1."""
        return 1.0

    @property
    def monotone(self) -> bool:
        """Whether no sorted value ever falls when a score rises (a fact of the distribution).

        The probabilities in P, and with them the loss, carry no such promise: lesson 04 counts the exceptions.
        """
        return SIGMOIDS[self.distribution].monotone

    def network(self, n: int, k: int | None = None) -> Network:
        """The comparator network that is run for the top k of n scores."""
        return top_k_network(self.kind, n, n if k is None else k)

    def extra_repr(self) -> str:
        art = f", art_lambda={self.art_lambda:g}" if self.distribution == "logistic_phi" else ""
        return f"kind={self.kind!r}, steepness={self.steepness:g}, distribution={self.distribution!r}{art}"

    def rows(self, scores: Tensor, k: int) -> Tensor:
        ranks = torch.eye(k, dtype=scores.dtype, device=scores.device)
        ranks = ranks.unsqueeze(2).expand(k, k, scores.shape[0])
        return pull(scores, ranks, self.kind, k, self.comparator).permute(2, 0, 1)

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        one_hot = torch.zeros_like(scores.T).scatter(0, target.unsqueeze(0), 1)
        return push(scores, one_hot.unsqueeze(0), self.kind, k, self.comparator).squeeze(0).T

    def weighted(self, scores: Tensor, rank_weights: Tensor) -> Tensor:
        k = rank_weights.shape[0]
        weights = rank_weights.reshape(1, k, 1).expand(1, k, scores.shape[0])
        return pull(scores, weights, self.kind, k, self.comparator).squeeze(0).T
