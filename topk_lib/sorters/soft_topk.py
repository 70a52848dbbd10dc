"""Soft top-k sets: p = F((s - b)/λ), with the threshold b at which Σ p = k. One formula, many papers.

F is Laplace's distribution function in LapSum (Struski et al., ICML 2025); logistic in k-hot layers and, at
convergence, in SOFT (Xie et al., NeurIPS 2020); a clipped power in Sander et al. (ICML 2023) and Blondel et al. (2020).
"""

from __future__ import annotations

import math
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from .. import _validate
from ..caching import constant
from ..masks import masked, screened
from ..settings import Checks
from ..transforms import Function, is_readable, run, save
from .base import SORTERS, Relaxation, straight_through
from .thresholds import THRESHOLDS

FAR = 1e30
"""How many λ from the threshold a score can lie; what lies farther, masks too, counts as that far."""


@SORTERS.register("soft_topk", "soft top-k set")
class SoftTopK(Relaxation):
    """The probability p_i = F((s_i - b)/λ) that class i is among the top k, with b such that Σ p = k.

    It costs a sort, and a search for b: O(n log n) time and O(n) memory. Permuting the classes permutes p, and p_i
    never falls when k rises. So the sets of k = 1 … n make a soft permutation matrix, P[r] = p of r less p of r - 1,
    whose rows and columns sum to 1, and a soft set can stand wherever a sorter can.

    Args:
        threshold: F: "laplace" (LapSum), "logistic" (SOFT, k-hot), "clip", "clip_squared", "clip_cubed" (Sander with
            p = 2, 3/2, 4/3), "capped_exp" (the entropic capped simplex), or "dftopk": logistic, with b halfway
            between the scores of ranks k and k+1 (DFTopK, 2025), where p does not sum to k and k must be whole.
        scale: λ > 0, in units of score; larger is softer. A number or a 0-dimensional tensor, which gets a gradient.

    Scores of minus infinity are masked, as for every `Relaxation`: their p is 0 while k is at most the number u of
    the other scores, and (k - u)/(n - u) beyond.

    Example:
        >>> SoftTopK("clip", scale=2.0)(torch.tensor([3.0, 2.0, 1.0, -4.0]), k=1.5)
        tensor([1.0000, 0.5000, 0.0000, 0.0000])
    """

    CHECKS: ClassVar[Checks] = {
        "threshold": partial(_validate.choice, allowed=THRESHOLDS),
        "scale": _validate.positive_scalar,
    }

    SOFTNESS = "scale"

    scale: float | Tensor

    def __init__(self, threshold: str = "laplace", scale: float | Tensor = 1.0) -> None:
        super().__init__()
        self.threshold = threshold
        self.scale = scale

    def extra_repr(self) -> str:
        return f"threshold={self.threshold!r}, {self.softness_text()}"

    def top_k_bound(self, k: int) -> float:
        """1: p is a probability."""
        return 1.0

    def forward(
        self, scores: Tensor, k: float | Tensor, log: bool = False, dim: int = -1, hard: bool = False
    ) -> Tensor:
        """The soft set.

        Args:
            scores: shape (..., n).
            k: in (0, n]; a number, or a tensor that broadcasts to the leading dimensions: one k per sample. It gets a
                gradient.
            log: whether to return log p, computed in log space.
            dim: the dimension of the classes.
            hard: whether the values are those of the true top k (k whole), with the gradient of the soft ones.

        Returns:
            p, or log p, of the shape of scores.

        Raises:
            TypeError, ValueError: naming the argument, its value and what is allowed.
        """
        scores = _validate.working_precision(_validate.scores_tensor("scores", scores).movedim(dim, -1))
        n = scores.shape[-1]
        flat, _ = screened(scores.reshape(-1, n))
        counts = self._counts(k, scores)
        soft = self._sets(flat, counts, log=log).squeeze(1)
        if hard:
            soft = _straight_through(soft, flat, counts, log)
        return soft.reshape(scores.shape).movedim(-1, dim)

    def rows(self, scores: Tensor, k: int) -> Tensor:
        return _differences(self._sets(scores, _up_to(k, scores)))

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        return _differences(self._sets(scores, _up_to(k, scores), target))

    def log_mixture(self, scores: Tensor, p_k: tuple[float, ...], target: Tensor | None = None) -> Tensor:
        counts = tuple(k for k, p in enumerate(p_k, 1) if p > 0)
        log_p = constant(tuple(math.log(p_k[k - 1]) for k in counts), scores.dtype, scores.device)
        counts = constant(counts, scores.dtype, scores.device).unsqueeze(0)
        log_sets = self._sets(scores, counts, target, log=True).clamp(min=-FAR)
        return (log_sets + (log_p if target is not None else log_p.unsqueeze(1))).logsumexp(1)

    def _counts(self, k: float | Tensor, scores: Tensor) -> Tensor:
        """k for every sample, (B, 1) or (1, 1)."""
        n, whole = scores.shape[-1], not THRESHOLDS[self.threshold].constrained
        if not isinstance(k, Tensor):
            _check_count(_validate.real("k", k, 0, n), n, whole)
            return torch.full((1, 1), k, dtype=scores.dtype, device=scores.device)
        if is_readable(k):
            for value in k.detach().flatten().unique().tolist():
                _check_count(value, n, whole)
        return k.to(scores).expand(scores.shape[:-1]).reshape(-1, 1)

    def _sets(self, scores: Tensor, counts: Tensor, target: Tensor | None = None, log: bool = False) -> Tensor:
        """p (or log p) of scores (B, n) for each of the counts (B or 1, K): (B, K, n), or of one class: (B, K)."""
        n, mask, threshold = scores.shape[1], masked(scores), THRESHOLDS[self.threshold]
        there = (
            torch.full_like(scores[:, :1], n, dtype=torch.long) if mask is None else (mask == 0).sum(1, keepdim=True)
        )
        counts = counts.expand(scores.shape[0], -1)
        everyone = counts >= there
        within = torch.where(everyone, there / 2 if threshold.constrained else 1, counts)
        scale = _validate.positive_scalar("scale", self.scale)
        if not isinstance(scale, Tensor):
            scale = torch.full((), scale, dtype=scores.dtype, device=scores.device)
        sets = _soft_sets(scores, within, scale.to(scores), target, self.threshold, log)
        spill = counts.new_zeros(1) if mask is None else ((counts - there) / (n - there).clamp(min=1)).clamp(min=0)
        if target is None:
            everyone, spill = everyone.unsqueeze(2), spill.unsqueeze(-1)
        sets = torch.where(everyone, 0.0 if log else 1.0, sets)
        if mask is None:
            return sets
        mask = mask.unsqueeze(1) if target is None else mask.gather(1, target.unsqueeze(1))
        return torch.where(mask, spill.log() if log else spill, sets)


def _check_count(k: float, n: int, whole: bool) -> None:
    if not 0 < k <= n:
        raise ValueError(f"k must be above 0 and at most {n}, the number of classes, got {k:g}")
    if whole and k != round(k):
        raise ValueError(f"k must be whole for a threshold without the constraint Σ p = k, got {k:g}")


def _up_to(k: int, like: Tensor) -> Tensor:
    return constant(tuple(range(1, k + 1)), like.dtype, like.device).unsqueeze(0)


def _differences(sets: Tensor) -> Tensor:
    """What each of the sets (B, k, …) has more than the one before: never less, but for rounding."""
    before = torch.cat([torch.zeros_like(sets.narrow(1, 0, 1)), sets.narrow(1, 0, sets.shape[1] - 1)], 1)
    return (sets - before).clamp(min=0)


def _soft_sets(scores: Tensor, counts: Tensor, scale: Tensor, target: Tensor | None, name: str, log: bool) -> Tensor:
    """scores (B, n), counts (B, K), scale () -> F((s - b)/λ) of every class, (B, K, n), or of the target, (B, K)."""
    if THRESHOLDS[name].constrained:
        return run(_SoftSets, scores, counts, scale, target, name, log)[0]
    return _SoftSets.forward(scores, counts, scale, target, name, log)[0]


class _SoftSets(Function):
    """(scores, counts, scale, target, name of F, log) -> p or log p, and b (B, K).

    With q = F'/ΣF' and t = (s - b)/λ, b moves by ⟨q, ds⟩ - ⟨q, t⟩·dλ + dk·∂b/∂k and p_i by F'_i·dt_i, which is q_i·dk
    where k moves. So one way back serves all F. It is made of differentiable operations on the inputs and on b, which
    autograd knows as an output, and so has derivatives itself.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(scores, counts, scale, target, name, log):
        threshold, lowest = THRESHOLDS[name], torch.finfo(scores.dtype).min
        ordered = scores.clamp(min=lowest).sort(1, descending=True).values
        at_k = ordered.gather(1, counts.ceil().long() - 1)  # near to b, so that differences keep their digits
        x = ((ordered.unsqueeze(1) - at_k.unsqueeze(2)) / scale).clamp(-FAR, FAR)
        b = threshold.solve(x, counts.unsqueeze(2))
        t = _of_target(((scores.unsqueeze(1) - at_k.unsqueeze(2)) / scale).clamp(-FAR, FAR) - b, target)
        return (threshold.log_cdf if log else threshold.cdf)(t), at_k + scale * b.squeeze(2)

    @staticmethod
    def setup_context(ctx, inputs, outputs):
        scores, _, scale, target, ctx.name, ctx.log = inputs
        save(ctx, scores, scale, target, outputs[1])

    @staticmethod
    def backward(ctx, grad, grad_b):
        scores, scale, target, b = ctx.saved_tensors
        t, q, slope, per_k, b_per_k = _rates(scores, b, scale, ctx.name, ctx.log)
        if target is not None:
            places = target.reshape(-1, 1, 1).expand(-1, b.shape[1], 1)
            grad = torch.zeros_like(t).scatter(2, places, grad.unsqueeze(2))
        of_t = grad * slope / scale
        of_b = grad_b - of_t.sum(2)
        of_scores = (of_t + q * of_b.unsqueeze(2)).sum(1)
        of_counts = (grad * per_k).sum(2) + grad_b * b_per_k
        of_scale = -(of_t * t).sum() - (of_b * (q * t).sum(2)).sum()
        return of_scores, of_counts, of_scale, None, None, None

    @staticmethod
    def tangent(ctx, of_scores, of_counts, of_scale, *_):
        scores, scale, target, b = ctx.saved_tensors
        t, q, slope, per_k, b_per_k = _rates(scores, b, scale, ctx.name, ctx.log)
        of_scores, of_counts = of_scores.unsqueeze(1), of_counts.unsqueeze(2)
        of_b = (q * (of_scores - t * of_scale)).sum(2, keepdim=True)
        of_sets = slope * (of_scores - of_b - t * of_scale) / scale + per_k * of_counts
        return _of_target(of_sets, target), (of_b.squeeze(2) + b_per_k * of_counts.squeeze(2))


def _rates(scores: Tensor, b: Tensor, scale: Tensor, name: str, log: bool) -> tuple[Tensor, ...]:
    """t, q, the slope of (log) F, all (B, K, n), what a unit of k adds to (log) p, and to b (B, K).

    Where F is flat at every score, q is put at 0: nothing moves.
    """
    threshold = THRESHOLDS[name]
    t = ((scores.unsqueeze(1) - b.unsqueeze(2)) / scale).clamp(-FAR, FAR)
    log_pdf = threshold.log_pdf(t)
    flat = log_pdf.amax(2, keepdim=True) == -math.inf
    log_total = log_pdf.masked_fill(flat, 0).logsumexp(2, keepdim=True)
    log_q = log_pdf - log_total
    log_p = threshold.log_cdf(t).clamp(min=-FAR) if log else 0
    largest = math.log(torch.finfo(t.dtype).max) / 2  # what is infinite would be NaN times a gradient of 0
    per_k = (log_q - log_p).clamp(max=largest).exp()
    b_per_k = torch.where(flat, 0, -scale * (-log_total).clamp(max=largest).exp()).squeeze(2)
    return t, log_q.exp(), (log_pdf - log_p).exp(), per_k, b_per_k


def _of_target(sets: Tensor, target: Tensor | None) -> Tensor:
    """(B, K, n) as it is, or of one class per sample, (B, K)."""
    return sets if target is None else sets.gather(2, target.reshape(-1, 1, 1).expand(-1, sets.shape[1], 1)).squeeze(2)


def _straight_through(soft: Tensor, scores: Tensor, counts: Tensor, log: bool) -> Tensor:
    """The true top k of scores (B, n), with the gradient of the soft set."""
    places = scores.sort(dim=1, descending=True, stable=True).indices
    ranks = torch.arange(scores.shape[1], device=scores.device).expand_as(places)
    ranks = torch.zeros_like(places).scatter(1, places, ranks)
    hard = (ranks < counts.round()).to(soft.dtype)
    return straight_through(hard.log() if log else hard, soft)
