"""Which m classes enter a loss over many of them: the label and the m-1 best others."""

from __future__ import annotations

import math

import torch
from torch import Tensor

GROUP = 8
"""Classes that compete with each other for a first selection."""
SHORT, SLOW, LONG = 32, 64, 2**13
"""On the CPU rows of at least SHORT·m classes are thinned out in groups if they are at least LONG or below SLOW·m,
where `torch.topk` partitions rows instead of keeping the best m as it goes."""


def select_m(scores: Tensor, labels: Tensor, m: int) -> Tensor:
    """Class indices (B, m): the label first, then the m-1 largest other scores in descending order.

    One top-k of the scores as they are: where the label is among them it is skipped, elsewhere the last is dropped.

    Args:
        scores: shape (B, n).
        labels: shape (B,).
        m: between 1 and n.
    """
    best = _best(scores.detach(), m)
    slots = torch.arange(m - 1, device=scores.device)
    hit = best.narrow(1, 0, m - 1) == labels.unsqueeze(1)
    skip_from = (m - 1) - (hit * (m - 1 - slots)).sum(1, keepdim=True)
    others = best.gather(1, slots + (slots >= skip_from))
    return torch.cat([labels.unsqueeze(1), others], dim=1)


def select_m_by_target(scores: Tensor, target: Tensor, m: int) -> Tensor:
    """Class indices (B, m): those of positive target, the largest first, then the largest other scores, descending.

    Args:
        scores: shape (B, n).
        target: shape (B, n), no value below 0.
        m: between 1 and n.
    """
    scores, target = scores.detach(), target.detach()
    wanted = target.sort(dim=1, descending=True, stable=True).indices.narrow(1, 0, m)
    lowest = torch.finfo(scores.dtype).min  # a masked score comes after all others, but before those that are wanted
    others = scores.clamp(min=lowest).masked_fill(target > 0, -math.inf).topk(m, dim=1).indices
    count = (target > 0).sum(1, keepdim=True)
    slots = torch.arange(m, device=scores.device).expand_as(wanted)
    return torch.where(slots < count, wanted, others.gather(1, (slots - count).clamp(min=0)))


def _best(scores: Tensor, m: int) -> Tensor:
    """The positions (B, m) of the m largest scores, as `torch.topk` gives them, in half its time where it is slow.

    Scores whose positions differ by multiples of n // GROUP form a group. The m best scores lie in the m groups with
    the best maxima, or among the last few positions, which are in no group.
    """
    batch, n = scores.shape
    if scores.device.type != "cpu" or n < SHORT * m or SLOW * m <= n < LONG:
        return scores.topk(m, dim=1).indices
    groups = n // GROUP
    maxima = scores.narrow(1, 0, groups * GROUP).reshape(batch, GROUP, groups).amax(1)
    members = torch.arange(0, groups * GROUP, groups, device=scores.device).unsqueeze(1) + _best(maxima, m).unsqueeze(1)
    rest = torch.arange(groups * GROUP, n, device=scores.device).expand(batch, -1)
    candidates = torch.cat([members.flatten(1), rest], dim=1)
    return candidates.gather(1, scores.gather(1, candidates).topk(m, dim=1).indices)
