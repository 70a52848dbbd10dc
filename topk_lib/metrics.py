"""How often the label is among the k largest scores."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from . import _validate


def topk_accuracy(logits: torch.Tensor, target: torch.Tensor, ks: Sequence[int] = (1, 5)) -> dict[int, float]:
    """Top-k accuracy for several k, as fractions in [0, 1].

    A label is among the top k when fewer than k classes have a larger score. Among equal scores the class of the
    lower index comes first, so that constant logits earn k/n on balanced labels and not 100 %. A NaN score never
    beats the label, but a label whose own score is NaN is never found.

    Args:
        logits: shape (N, n), any floating-point type.
        target: class indices of shape (N,).
        ks: values between 1 and n.

    Returns:
        {k: fraction}; NaN for every k when N is 0.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
    """
    _validate.scores_tensor("logits", logits)
    if logits.ndim != 2:
        raise ValueError(f"logits must have shape (N, n), got {tuple(logits.shape)}")
    n = logits.shape[1]
    target = _validate.class_indices("target", target, logits.shape[:1], n)
    ks = [_validate.integer("ks", k, 1, n) for k in ks]
    own = logits.gather(1, target.unsqueeze(1))
    ties_before = (logits == own) & (torch.arange(n, device=logits.device) < target.unsqueeze(1))
    rank = ((logits > own) | ties_before).sum(1)
    rank = torch.where(own.squeeze(1).isnan(), n, rank)
    return {k: (rank < k).sum().item() / len(rank) if len(rank) else math.nan for k in ks}
