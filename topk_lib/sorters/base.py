"""The contract that every relaxation of sorting and of choosing the top k fulfils."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from .. import _validate
from ..caching import constant
from ..masks import masked, screened
from ..registry import Builders
from ..settings import CheckedModule, Checks


class Relaxation(CheckedModule):
    """A differentiable answer to "who is among the top k?": a sorter, or a soft top-k set.

    A relaxation turns scores of shape (..., n) into a soft permutation matrix P of shape (..., n, n): rows are ranks,
    best first; columns are the positions in the scores, usually classes; every row sums to 1. ``P @ scores`` is
    the softly sorted vector, and the sum of the first k rows says how probable each class is among the top k.
    Half-precision scores are promoted to float32, and so is the result. Settings may be
    changed between calls. A NaN among two or more scores gives NaN in their sample, plus infinity may, and neither
    touches the other samples.

    A score of minus infinity is masked: its class cannot win and gets no gradient. All but networks give the ranks of
    the u other scores the rows that these scores alone would have, and spread the rows
    after them evenly over the masked classes; in a network a masked lane loses every comparison for certain. A sample
    with nothing but masked scores is NaN. A finite mask such as -1e9 is none: heavy tails let a little of it through.

    A new one subclasses this or `Sorter`, writes `rows` and, where there is a cheaper way, `column` and `weighted`.
    These are handed scores of shape (B, n), checked, in working precision; losses call `log_mixture`, which is made of
    them.
    """

    SOFTNESS: ClassVar[str] = "temperature"
    """The name of the setting that says how soft it is: a number, or a tensor of no dimension that is learned."""

    def top_k_bound(self, k: int) -> float:
        """The most that the first k rows of P can give to one class together; 1 where no column sums to more."""
        return float(k)

    def matrix(self, scores: Tensor, k: int | None = None, hard: bool = False) -> Tensor:
        """The top rows of the soft permutation matrix.

        Args:
            scores: shape (..., n), any leading dimensions.
            k: how many ranks, best first; all n by default.
            hard: whether the values are those of the true permutation, with the gradient of the soft ones (straight
                through).

        Returns:
            P of shape (..., k, n).

        Raises:
            TypeError, ValueError: if scores is no floating-point tensor with n >= 1 or k is not in 1 … n.
        """
        scores, flat, k = self._flatten(scores, k)
        rows = self.rows(flat, k)
        if hard:
            rows = straight_through(torch.zeros_like(rows).scatter(2, _best(flat, k).indices.unsqueeze(2), 1), rows)
        return rows.reshape(*scores.shape[:-1], k, scores.shape[-1])

    def topk_probabilities(self, scores: Tensor, target: Tensor, k: int | None = None) -> Tensor:
        """The probability that one class per sample is among the top 1, 2, … k: q_1 … q_k.

        Args, errors and shapes are those of `rank_probabilities`, of which these are the running sums.
        """
        return self.rank_probabilities(scores, target, k).cumsum(-1)

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

    def sort(self, scores: Tensor, k: int | None = None, dim: int = -1, hard: bool = False) -> Tensor:
        """The softly sorted scores, best first: ``P @ scores``.

        Args:
            scores: shape (..., n) where dim is the last dimension.
            k: how many, the best ones; all n by default.
            dim: the dimension that is sorted.
            hard: whether the values are the truly sorted ones, with the gradient of the soft ones.

        Returns:
            The shape of scores with k in place of n. Ranks that only masked scores are left for are minus infinity.
        """
        scores, flat, k = self._flatten(scores, k, dim)
        rows, mask = self.rows(flat, k), flat == -math.inf
        soft = (rows * flat.masked_fill(mask, 0).unsqueeze(1)).sum(2)  # a matrix product would fall prey to autocast
        left = torch.arange(k, device=flat.device) >= (mask == 0).sum(1, keepdim=True)
        soft = soft.masked_fill(left, -math.inf)
        if hard:
            soft = straight_through(_best(flat, k).values, soft)
        return soft.reshape(*scores.shape[:-1], k).movedim(-1, dim)

    def ranks(self, scores: Tensor, dim: int = -1, hard: bool = False) -> Tensor:
        """The soft rank of every score, from 1 for the best to n: ``Σ_r r·P[r, j] / Σ_r P[r, j]``.

        The sum below is 1 for networks, SinkhornSort and soft sets.

        Args:
            scores: shape (..., n) where dim is the last dimension.
            dim: the dimension in which scores are compared.
            hard: whether the values are the true ranks, equal scores in their order, with the soft ones' gradient.
        """
        scores, flat, n = self._flatten(scores, None, dim)
        ranks = torch.arange(1, n + 1, dtype=flat.dtype, device=flat.device)
        soft = self.weighted(flat, ranks) / self.weighted(flat, torch.ones_like(ranks))
        if hard:
            order = _best(flat, n).indices
            soft = straight_through(torch.zeros_like(soft).scatter(1, order, ranks.expand_as(soft)), soft)
        return soft.reshape(scores.shape).movedim(-1, dim)

    def quantile(self, scores: Tensor, q: float, dim: int = -1) -> Tensor:
        """The soft q-quantile, between neighbouring ranks by linear interpolation as `torch.quantile`; 0.5: the median.

        Args:
            scores: shape (..., n) where dim is the last dimension, which the result lacks.
            q: in [0, 1]; 0 is the softly smallest score.
        """
        place = (1 - _validate.real("q", q, 0, 1)) * (_validate.scores_tensor("scores", scores).shape[dim] - 1)
        upper = math.floor(place)
        best = self.sort(scores, math.ceil(place) + 1, dim).movedim(dim, -1)
        return best[..., upper].lerp(best[..., math.ceil(place)], place - upper)

    def _flatten(self, scores: Tensor, k: int | None, dim: int = -1) -> tuple[Tensor, Tensor, int]:
        """Scores with dim at the end, the same as (B, n) with masked ones screened off, and k."""
        scores = _validate.scores_tensor("scores", scores)
        if dim != -1:
            scores = _validate.scores_tensor("scores", scores.movedim(dim, -1))
        scores = _validate.working_precision(scores)
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

    def softened(self, scores: Tensor) -> tuple[Tensor, float]:
        """Scores (B, n) and the softness as a number.

        Where it is a tensor, they are the scores in units of it, and 1: P is the same, and it gets its gradient.
        """
        softness = getattr(self, self.SOFTNESS)
        if not isinstance(softness, Tensor):
            return scores, softness
        _validate.positive_scalar(self.SOFTNESS, softness)
        return scaled(scores, self.per_score(softness)), 1.0

    def softness_text(self) -> str:
        """For example ``temperature=0.5``."""
        softness = getattr(self, self.SOFTNESS)
        return f"{self.SOFTNESS}={softness.item() if isinstance(softness, Tensor) else softness:g}"

    def per_score(self, softness: Tensor) -> Tensor:
        """By how much scores are multiplied, in place of the softness."""
        return 1 / softness

    def log_mixture(self, scores: Tensor, p_k: tuple[float, ...], target: Tensor | None = None) -> Tensor:
        """log Σ_k P_K(k)·q_k: scores (B, n) -> (B, n), or of one class per sample, (B,), with target (B,)."""
        weights = constant(rank_weights(p_k), scores.dtype, scores.device)
        if target is None:
            mixture = self.weighted(scores, weights)
        else:
            mixture = (self.column(scores, target, len(weights)) * weights).sum(1)
        return mixture.clamp(min=torch.finfo(mixture.dtype).tiny).log()


class Sorter(Relaxation):
    """A relaxation of sorting in descending order: called, it gives its `matrix`."""

    def forward(self, scores: Tensor, k: int | None = None, hard: bool = False) -> Tensor:
        """See `matrix`."""
        return self.matrix(scores, k, hard)


def scaled(scores: Tensor, factor: Tensor) -> Tensor:
    """Scores (B, n) times a tensor of no dimension, which gets its gradient; masked ones stay minus infinity."""
    mask = masked(scores)
    if mask is None:
        return scores * factor.to(scores)
    return (scores.masked_fill(mask, 0) * factor.to(scores)).masked_fill(mask, -math.inf)


def rank_weights(p_k: Sequence[float]) -> tuple[float, ...]:
    """w_r = Σ_{k>=r} P_K(k): what a class at rank r gets of Σ_k P_K(k)·q_k = Σ_r w_r·P[r, y]."""
    return tuple(reversed(list(accumulate(reversed(p_k)))))


def straight_through(hard: Tensor, soft: Tensor) -> Tensor:
    """The values of hard, with the gradient of soft."""
    return hard.detach() + torch.where(soft == -math.inf, 0, soft - soft.detach())


SORTERS: Builders[Relaxation] = Builders("sorter")
"""Every relaxation by the name that the command line and the panels use. `SORTERS.register` decorates a new one."""


class Order(NamedTuple):
    """Sorted scores, and where they stood."""

    values: Tensor
    indices: Tensor


class SoftmaxSorter(Sorter):
    """A sorter whose row r is a softmax over the classes of some logits, the largest that of the class of rank r.

    Subclasses write `row_logits`.
    """

    CHECKS: ClassVar[Checks] = {"temperature": _validate.positive_scalar}
    temperature: float | Tensor

    def __init__(self, temperature: float | Tensor = 1.0) -> None:
        super().__init__()
        self.temperature = temperature

    def top_k_bound(self, k: int) -> float:
        """(k + 1) / 2: a class has at most 1 of its own rank's row, and of another row at most half."""
        return (k + 1) / 2

    def extra_repr(self) -> str:
        return self.softness_text()

    def row_logits(self, scores: Tensor, k: int) -> Tensor:
        """scores (B, n) -> logits (B, k, n)."""
        raise NotImplementedError(f"{type(self).__name__} must define row_logits(scores, k)")

    def rows(self, scores: Tensor, k: int) -> Tensor:
        return torch.softmax(self.row_logits(scores, k), dim=-1)

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        logits = self.row_logits(scores, k)
        return (_at(logits, target) - logits.logsumexp(2)).exp()


def _best(scores: Tensor, k: int) -> Order:
    """The k best scores and their places, equal ones in their order."""
    values, indices = scores.sort(dim=1, descending=True, stable=True)
    return Order(values.narrow(1, 0, k), indices.narrow(1, 0, k))


def _at(rows: Tensor, target: Tensor) -> Tensor:
    """rows (B, k, n), target (B,) -> rows[b, :, target[b]], shape (B, k)."""
    return rows.gather(2, target.reshape(-1, 1, 1).expand(-1, rows.shape[1], 1)).squeeze(2)
