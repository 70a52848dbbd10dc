"""The contract that every relaxation of sorting fulfils."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from .. import _validate
from ..masks import screened
from ..registry import Builders
from ..settings import CheckedModule, Checks


class Sorter(CheckedModule):
    """A differentiable relaxation of sorting in descending order.

    A sorter turns scores of shape (..., n) into a soft permutation matrix P of shape (..., n, n): rows are ranks,
    best first; columns are the positions in the scores, usually classes; every row sums to 1. ``P @ scores`` is
    the softly sorted vector. Half-precision scores are promoted to float32, and so is the result. Settings may be
    changed between calls. A NaN among two or more scores gives NaN in their sample, plus infinity may, and neither
    touches the other samples.

    A score of minus infinity is masked: its class cannot win and gets no gradient. NeuralSort, SoftSort and
    SinkhornSort give the ranks of the u other scores the rows that these scores alone would have, and spread the rows
    after them evenly over the masked classes; in a network a masked lane loses every comparison for certain. A sample
    with nothing but masked scores is NaN. A finite mask such as -1e9 is none: heavy tails let a little of it through.

    A new sorter subclasses this, writes `rows` and, where there is a cheaper way, `column` and `weighted`. These three
    are handed scores of shape (B, n), checked, in working precision; losses call them too.
    """

    def top_k_bound(self, k: int) -> float:
        """The most that the first k rows of P can give to one class together; 1 where no column sums to more."""
        return float(k)

    def forward(self, scores: Tensor, k: int | None = None) -> Tensor:
        """The top rows of the soft permutation matrix.

        Args:
            scores: shape (..., n), any leading dimensions.
            k: how many ranks, best first; all n by default.

        Returns:
            P of shape (..., k, n).

        Raises:
            TypeError, ValueError: if scores is no floating-point tensor with n >= 1 or k is not in 1 … n.
        """
        scores, flat, k = self._flatten(scores, k)
        return self.rows(flat, k).reshape(*scores.shape[:-1], k, scores.shape[-1])

    def rank_probabilities(self, scores: Tensor, target: Tensor, k: int | None = None) -> Tensor:
        """The probability of each of the k best ranks for one class per sample: ``P[..., :k, target]``.

        Args:
            scores: shape (..., n).
            target: class indices, shape (...).
            k: how many ranks, best first; all n by default.

        Returns:
            Shape (..., k), without P ever being built where the sorter knows how.
        """
        scores, flat, k = self._flatten(scores, k)
        target = _validate.class_indices("target", target, scores.shape[:-1], scores.shape[-1])
        return self.column(flat, target.reshape(-1), k).reshape(*scores.shape[:-1], k)

    def class_probabilities(self, scores: Tensor, rank_weights: Tensor) -> Tensor:
        """One number per class: ``Σ_r rank_weights[r] · P[..., r, :]``.

        With the rank weights of a P_K this is every class's probability of being among the top K. Over the classes it
        sums to the sum of the weights, E[K].

        Args:
            scores: shape (..., n).
            rank_weights: shape (k,) with k <= n, best rank first.

        Returns:
            Shape (..., n).
        """
        rank_weights = _validate.scores_tensor("rank_weights", rank_weights)
        if rank_weights.ndim != 1 or (isinstance(scores, torch.Tensor) and len(rank_weights) > scores.shape[-1]):
            shape = tuple(rank_weights.shape)
            raise ValueError(f"rank_weights must have shape (k,) with k at most the number of classes, got {shape}")
        scores, flat, _ = self._flatten(scores, len(rank_weights))
        rank_weights = rank_weights.to(device=flat.device, dtype=flat.dtype)
        return self.weighted(flat, rank_weights).reshape(scores.shape)

    def _flatten(self, scores: Tensor, k: int | None) -> tuple[Tensor, Tensor, int]:
        scores = _validate.working_precision(_validate.scores_tensor("scores", scores))
        n = scores.shape[-1]
        k = n if k is None else _validate.integer("k", k, 1, n)
        return scores, screened(scores.reshape(-1, n))[0], k

    def rows(self, scores: Tensor, k: int) -> Tensor:
        """The k best rows of P: scores (B, n) -> (B, k, n)."""
        raise NotImplementedError(f"{type(self).__name__} must define rows(scores, k)")

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        """One column of those rows per sample: scores (B, n), target (B,) -> (B, k)."""
        rows = self.rows(scores, k)
        return _at(rows, target)

    def weighted(self, scores: Tensor, rank_weights: Tensor) -> Tensor:
        """The weighted sum of the rows: scores (B, n), rank_weights (k,) -> (B, n)."""
        rows = self.rows(scores, rank_weights.shape[0])
        return (rows * rank_weights.unsqueeze(1)).sum(1)  # a matrix product would fall prey to autocast


SORTERS: Builders[Sorter] = Builders("sorter")
"""Every sorter by the name that the command line and the panels use. A new one is decorated with `SORTERS.register`."""


class SoftmaxSorter(Sorter):
    """A sorter whose row r is a softmax over the classes of some logits, the largest that of the class of rank r.

    Subclasses write `row_logits`.
    """

    CHECKS: ClassVar[Checks] = {"temperature": _validate.positive_real}

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__()
        self.temperature = temperature

    def top_k_bound(self, k: int) -> float:
        """(k + 1) / 2: a class has at most 1 of its own rank's row, and of another row at most half."""
        return (k + 1) / 2

    def extra_repr(self) -> str:
        return f"temperature={self.temperature:g}"

    def row_logits(self, scores: Tensor, k: int) -> Tensor:
        """scores (B, n) -> logits (B, k, n)."""
        raise NotImplementedError(f"{type(self).__name__} must define row_logits(scores, k)")

    def rows(self, scores: Tensor, k: int) -> Tensor:
        return torch.softmax(self.row_logits(scores, k), dim=-1)

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        logits = self.row_logits(scores, k)
        return (_at(logits, target) - logits.logsumexp(2)).exp()


def _at(rows: Tensor, target: Tensor) -> Tensor:
    """rows (B, k, n), target (B,) -> rows[b, :, target[b]], shape (B, k)."""
    return rows.gather(2, target.reshape(-1, 1, 1).expand(-1, rows.shape[1], 1)).squeeze(2)
