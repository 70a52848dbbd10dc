"""Masks: a score of minus infinity is a class that its sample does not have. It cannot win and gets no gradient.

Whether there is any is looked up where that is free, on the CPU. Elsewhere every step is ready for some: a GPU is
never waited for.
"""

from __future__ import annotations

import math

import torch

from .transforms import is_readable

Tensor = torch.Tensor


def masked(scores: Tensor) -> Tensor | None:
    """Which scores are masked, in their shape; None if there is none, and if that can be told for free."""
    if is_readable(scores) and (scores.numel() == 0 or scores.detach().amin() > -math.inf):
        return None
    return scores == -math.inf


def screened(scores: Tensor) -> tuple[Tensor, Tensor | None]:
    """Scores (..., n), and which are masked. No gradient reaches a masked one, and where all n are they are NaN."""
    mask = masked(scores)
    if mask is None:
        return scores, None
    nothing = mask.all(-1, keepdim=True)
    constant = scores.detach().masked_fill(nothing, math.nan)
    return torch.where(mask, constant, scores), mask & (nothing == 0)
