"""How far every score lies from every rank: what NeuralSort and SinkhornSort have in common.

The logits of NeuralSort, (n+1-2i)·s_j - Σ_l |s_j - s_l|, lose their digits as they stand: the sum grows with n and with
any far-away score. Less a number per row, to which a softmax is blind, they are minus the distance

    D_ij = |s_j - s_[i]| + 2·Σ_{l above i} max(0, s_j - s_[l]) + 2·Σ_{l below i} max(0, s_[l] - s_j)

of score j from rank i: a sum of gaps between neighbouring scores, outward from rank i, whose terms all have one sign.
The gap at the t-th step away counts 2t-1 times. Nothing cancels, and each row is largest, 0, on its own rank.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..transforms import Function, run, save


def rank_logits(scores: Tensor, k: int, temperature: float) -> tuple[Tensor, Tensor]:
    """-D/τ for the k best ranks, in O(k·n) after a sort.

    Equal scores are apart by 0 with gradient 0, in whatever order they were sorted. Masked scores, minus infinity, are
    infinitely far from every rank but those that are left for them, where all of them are at 0.

    Args:
        scores: shape (B, n).
        k: how many ranks, best first.
        temperature: τ.

    Returns:
        The logits (B, k, n) of the scores in descending order, and the place (B, n) of every score in that order.
    """
    logits, place, *_ = run(_RankLogits, scores, k, temperature)
    return logits, place


def by_class(rows: Tensor, place: Tensor) -> Tensor:
    """Rows (B, k, n) with a column per score in descending order, as rows with a column per class."""
    return rows.gather(2, place.unsqueeze(1).expand(-1, rows.shape[1], -1))


class _RankLogits(Function):
    """(scores, k, τ) -> logits, place, order, and how many scores are larger than each, and how many no smaller.

    The derivative is that of (w_i·s_j - Σ_l |s_j - s_l|) / τ, with w_i = n-1-2i for i = 0, 1, …
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(scores, k, temperature):
        ordered, order = scores.sort(dim=1, descending=True)
        steps = torch.arange(scores.shape[1], device=scores.device).expand_as(order)
        place = torch.zeros_like(order).scatter(1, order, steps)
        ascending = -ordered.contiguous()
        larger = torch.searchsorted(ascending, ascending)
        no_smaller = torch.searchsorted(ascending, ascending, right=True)
        return _outward(_gaps(ordered), k, temperature), place, order, larger, no_smaller

    nested = forward

    @staticmethod
    def setup_context(ctx, inputs, outputs):
        _, ctx.k, ctx.temperature = inputs
        ctx.mark_non_differentiable(*outputs[1:])
        save(ctx, *outputs[1:])

    @staticmethod
    def backward(ctx, grad, *_):
        place, _, larger, no_smaller = ctx.saved_tensors
        columns = grad.sum(1)
        own = (grad * _rank_weights(ctx.k, columns)).sum(1) + columns * _balance(larger, no_smaller)
        ordered = (own + _above_less_below(columns, larger, no_smaller)) / ctx.temperature
        return ordered.gather(1, place), None, None

    @staticmethod
    def tangent(ctx, tangent, *_):
        _, order, larger, no_smaller = ctx.saved_tensors
        ordered = tangent.gather(1, order) / ctx.temperature
        own = ordered * _balance(larger, no_smaller) - _above_less_below(ordered, larger, no_smaller)
        return own.unsqueeze(1) + _rank_weights(ctx.k, ordered) * ordered.unsqueeze(1), None, None, None, None


def _gaps(ordered: Tensor) -> Tensor:
    """Gaps (B, n) of scores in descending order from the one above; 0 at first and between masked ones, and finite."""
    upper, lower = ordered.narrow(1, 0, ordered.shape[1] - 1), ordered.narrow(1, 1, ordered.shape[1] - 1)
    gaps = (upper - lower).clamp(max=torch.finfo(ordered.dtype).max)
    return F.pad(torch.where(upper == -math.inf, 0, gaps), (1, 0))


def _outward(gaps: Tensor, k: int, temperature: float) -> Tensor:
    """-D/τ of scores in descending order for the k best ranks, (B, k, n): sums of gaps, outward from each rank."""
    steps = torch.arange(gaps.shape[1], device=gaps.device)
    ranks = torch.arange(k, device=gaps.device).unsqueeze(1)
    reach = (2 * (steps - ranks) - 1).to(gaps.dtype) / temperature
    logits = (-reach.clamp(min=0) * gaps.unsqueeze(1)).cumsum(2)
    # only the k-1 best scores have ranks below them here, and are summed upwards from these
    above = reach.narrow(1, 1, k - 1).clamp(max=0) * gaps.narrow(1, 1, k - 1).unsqueeze(1)
    logits.narrow(2, 0, k - 1).add_(above.flip(2).cumsum(2).flip(2))
    return logits


def _rank_weights(k: int, like: Tensor) -> Tensor:
    """w_i for k ranks and n classes, (k, 1)."""
    return (like.shape[1] - 1 - 2 * torch.arange(k, device=like.device, dtype=like.dtype)).unsqueeze(1)


def _balance(larger: Tensor, no_smaller: Tensor) -> Tensor:
    """How many scores are larger than each, less how many are smaller."""
    return larger + no_smaller - larger.shape[1]


def _above_less_below(ordered: Tensor, larger: Tensor, no_smaller: Tensor) -> Tensor:
    """Σ of the values of all larger scores less Σ of those of all smaller ones, (B, n), all in descending order."""
    totals = F.pad(ordered.cumsum(1), (1, 0))
    return totals.gather(1, larger) + totals.gather(1, no_smaller) - totals.narrow(1, ordered.shape[1], 1)
