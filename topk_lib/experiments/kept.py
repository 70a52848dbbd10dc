"""What m-selection leaves of a loss: its value, and the push on the wrong classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ..losses import TopKCrossEntropyLoss
from ..losses.selection import select_m


@dataclass(frozen=True)
class Kept:
    """What a loss is with m classes of n.

    Attributes:
        m: classes kept, the label among them.
        loss: mean value over the samples.
        share: of the gradient that the loss over all n classes puts on the wrong ones, in absolute values, the part
            that lies on kept classes; between 0 and 1, mean over the samples.
    """

    m: int
    loss: float
    share: float


def what_m_keeps(
    scores: torch.Tensor, labels: torch.Tensor, make_loss: Callable[[int], TopKCrossEntropyLoss], ms: Sequence[int]
) -> list[Kept]:
    """The loss at several m, and how much of the full gradient lies on the classes that each keeps.

    Args:
        scores: (N, n).
        labels: (N,).
        make_loss: builds the loss for an m; it is asked for n as well.
        ms: between the loss's largest k and n.
    """
    n = scores.shape[1]
    leaf = scores.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(make_loss(n)(leaf, labels), leaf)
    push, rows = gradient.abs().scatter(1, labels.unsqueeze(1), 0), []  # on the wrong classes
    for m in ms:
        kept = push.gather(1, select_m(scores, labels, m)).sum(1) / push.sum(1)
        rows.append(Kept(m, make_loss(m)(scores, labels).item(), kept.mean().item()))
    return rows
