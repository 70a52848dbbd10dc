"""Sorting networks with softened comparators (Petersen et al. 2021, 2022)."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

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
        steepness: β > 0, per unit of score; larger is harder. Useful values grow as score gaps shrink. A number, or a
            tensor of no dimension, which gets a gradient; the gaps that ART smooths are then those of β^(1/(1-λ))·s.
        distribution: "cauchy", "logistic", "logistic_phi", "gaussian", "reciprocal" or "optimal"; see
            `topk_lib.sigmoids`.
        art_lambda: λ in [0, 1) of the activation replacement trick, read by "logistic_phi" only.

    Raises:
        ValueError, TypeError: naming the argument, its value and what is allowed.

    Source: "Differentiable Top-k Classification Learning" (ICML 2022).
    """

    CHECKS: ClassVar[Checks] = {
        "kind": partial(_validate.choice, allowed=KINDS),
        "steepness": _validate.positive_scalar,
        "distribution": lambda _, value: Comparator(value).distribution,
        "art_lambda": lambda _, value: Comparator(art_lambda=value).art_lambda,
        "comparator": partial(_validate.instance, of=Comparator),
    }
    SOFTNESS = "steepness"

    steepness: float | Tensor
    comparator: Comparator

    def __init__(
        self,
        kind: str = "splitter_selection",
        steepness: float | Tensor = 1.0,
        distribution: str = "cauchy",
        art_lambda: float = 0.25,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.distribution = distribution
        self.art_lambda = art_lambda
        self.steepness = steepness

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("steepness", "distribution", "art_lambda") and hasattr(self, "steepness"):
            steepness = 1.0 if isinstance(self.steepness, Tensor) else self.steepness
            self.comparator = Comparator(self.distribution, steepness, self.art_lambda)

    def per_score(self, softness: Tensor) -> Tensor:
        """β, and with ART β^(1/(1-λ)), since φ(c·d) = c^(1-λ)·φ(d)."""
        return softness ** (1 / (1 - self.art_lambda)) if self.comparator.sigmoid.art else softness

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
        return f"kind={self.kind!r}, {self.softness_text()}, distribution={self.distribution!r}{art}"

    def rows(self, scores: Tensor, k: int) -> Tensor:
        scores, _ = self.softened(scores)
        ranks = torch.eye(k, dtype=scores.dtype, device=scores.device)
        ranks = ranks.unsqueeze(2).expand(k, k, scores.shape[0])
        return pull(scores, ranks, self.kind, k, self.comparator).permute(2, 0, 1)

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        scores, _ = self.softened(scores)
        one_hot = torch.zeros_like(scores.T).scatter(0, target.unsqueeze(0), 1)
        return push(scores, one_hot.unsqueeze(0), self.kind, k, self.comparator).squeeze(0).T

    def weighted(self, scores: Tensor, rank_weights: Tensor) -> Tensor:
        scores, k = self.softened(scores)[0], rank_weights.shape[0]
        weights = rank_weights.reshape(1, k, 1).expand(1, k, scores.shape[0])
        return pull(scores, weights, self.kind, k, self.comparator).squeeze(0).T
