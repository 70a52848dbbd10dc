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

from ..functions import Function, run, save


def rank_logits(scores: Tensor, k: int) -> Tensor:
    """-D for the k best ranks, in O(k·n) after a sort.

    Equal scores are apart by 0 with gradient 0, in whatever order they were sorted. Masked scores, minus infinity, are
    infinitely far from every rank but those that are left for them, where all of them are at 0.

    Args:
        scores: shape (B, n).
        k: how many ranks, best first.

    Returns:
        Shape (B, k, n).
    """
    return run(_RankLogits, scores, k)[0]


class _RankLogits(Function):
    """(scores, k) -> logits, order, and how many scores are larger than each and how many are no smaller.

    The derivative is that of w_i·s_j - Σ_l |s_j - s_l|, with w_i = n-1-2i for i = 0, 1, …
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(scores, k):
        ordered, order = scores.sort(dim=1, descending=True)
        steps = torch.arange(scores.shape[1], device=scores.device)
        position = torch.zeros_like(order).scatter(1, order, steps.expand_as(order))
        distances = _outward(_gaps(ordered), k).gather(2, position.unsqueeze(1).expand(-1, k, -1))
        ascending, values = -ordered.contiguous(), -scores.contiguous()
        larger = torch.searchsorted(ascending, values)
        no_smaller = torch.searchsorted(ascending, values, right=True)
        return -distances, order, larger, no_smaller

    nested = forward

    @staticmethod
    def setup_context(ctx, inputs, outputs):
        ctx.k = inputs[1]
        ctx.mark_non_differentiable(*outputs[1:])
        save(ctx, *outputs[1:])

    @staticmethod
    def backward(ctx, grad, *_):
        order, larger, no_smaller = ctx.saved_tensors
        columns = grad.sum(1)
        own = (grad * _rank_weights(ctx.k, columns)).sum(1) + columns * _balance(larger, no_smaller)
        return own + _above_less_below(columns, order, larger, no_smaller), None

    @staticmethod
    def tangent(ctx, tangent, _):
        order, larger, no_smaller = ctx.saved_tensors
        own = tangent * _balance(larger, no_smaller) - _above_less_below(tangent, order, larger, no_smaller)
        return own.unsqueeze(1) + _rank_weights(ctx.k, tangent) * tangent.unsqueeze(1), None, None, None


def _gaps(ordered: Tensor) -> Tensor:
    """Gaps (B, n-1) between neighbours of scores in descending order; 0 between masked ones, never infinite."""
    upper, lower = ordered.narrow(1, 0, ordered.shape[1] - 1), ordered.narrow(1, 1, ordered.shape[1] - 1)
    gaps = (upper - lower).clamp(max=torch.finfo(ordered.dtype).max)
    return torch.where(upper == -math.inf, 0, gaps)


def _outward(gaps: Tensor, k: int) -> Tensor:
    """Distances (B, k, n) of scores in descending order from the k best ranks: sums of gaps, outward from each rank."""
    steps = torch.arange(gaps.shape[1], device=gaps.device)
    reach = (2 * (steps - torch.arange(k, device=gaps.device).unsqueeze(1)) + 1).to(gaps.dtype)
    below = F.pad((reach.clamp(min=0) * gaps.unsqueeze(1)).cumsum(2), (1, 0))
    near = gaps.narrow(1, 0, k - 1).unsqueeze(1)
    above = (reach.narrow(1, 0, k - 1).neg().clamp(min=0) * near).flip(2).cumsum(2).flip(2)
    return below + F.pad(above, (0, gaps.shape[1] + 1 - (k - 1)))


def _rank_weights(k: int, like: Tensor) -> Tensor:
    """w_i for k ranks and n classes, (k, 1)."""
    return (like.shape[1] - 1 - 2 * torch.arange(k, device=like.device, dtype=like.dtype)).unsqueeze(1)


def _balance(larger: Tensor, no_smaller: Tensor) -> Tensor:
    """How many scores are larger than each, less how many are smaller."""
    return larger + no_smaller - larger.shape[1]


def _above_less_below(values: Tensor, order: Tensor, larger: Tensor, no_smaller: Tensor) -> Tensor:
    """Σ of the values of all larger scores less Σ of those of all smaller ones, for every score: (B, n) -> (B, n)."""
    totals = F.pad(values.gather(1, order).cumsum(1), (1, 0))
    return totals.gather(1, larger) + totals.gather(1, no_smaller) - totals.narrow(1, values.shape[1], 1)
