"""Exercise 9.1: one training step of a head, without autograd."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from ..attempt import Attempt
from ..checks import Checks, agrees, compared, difference, gives


def head_step(features: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor, lr: float) -> torch.Tensor:
    """The weights (classes, d) after one gradient step of cross-entropy on features (B, d) and labels (B,)."""
    scores = features @ weight.T
    chances = torch.softmax(scores, dim=1)
    truth = torch.nn.functional.one_hot(labels, len(weight))
    gradient = (chances - truth).T @ features / len(labels)
    return weight - lr * gradient


def _cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(9)
    cases = []
    for batch, classes, width, lr in ((6, 3, 4, 0.5), (4, 5, 4, 2.0), (1, 3, 2, 1.0)):
        features = torch.randn(batch, width, generator=generator)
        labels = torch.randint(classes, (batch,), generator=generator)
        cases.append((features, labels, torch.randn(classes, width, generator=generator), lr))
    return cases


def _name(features: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor, lr: float) -> str:
    return f"{len(labels)} embeddings of {features.shape[1]} numbers, {len(weight)} classes, lr {lr:g}"


def _new_weight(attempt: Attempt, *case: object) -> torch.Tensor:
    return attempt.tensor(*case, shape=case[2].shape)


def _loss_falls(attempt: Attempt) -> str | None:
    features, labels, weight, _ = _cases()[0]
    new = _new_weight(attempt, features, labels, weight, 0.1).float()
    before, after = (F.cross_entropy(features @ w.T, labels).item() for w in (weight, new))
    return None if after < before - 1e-4 else f"the loss goes from {before:.3f} to {after:.3f}"


def _moves_cancel(attempt: Attempt) -> str | None:
    case = _cases()[1]
    moved = (_new_weight(attempt, *case) - case[2]).sum(dim=0)
    found = difference(moved, torch.zeros_like(moved))
    return found and f"sum of all rows' moves: {found}"


def _twice_the_batch(attempt: Attempt) -> str | None:
    features, labels, *step = case = _cases()[0]
    return compared(attempt, _new_weight(attempt, *case), features.repeat(2, 1), labels.repeat(2), *step)


def _step(change: Callable, dim: int = 1) -> Callable:
    """A head_step with another gradient, change(features, chances, truth), or with the softmax along another side."""

    def mistaken(features: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor, lr: float) -> torch.Tensor:
        chances = torch.softmax(features @ weight.T, dim)
        return weight - lr * change(features, chances, F.one_hot(labels, len(weight)).float())

    return mistaken


CHECKS = Checks(
    reference=head_step,
    cases=_cases,
    properties={
        "a learning rate of 0 changes nothing": gives(_cases()[0][2], *_cases()[0][:3], 0.0),
        "a small step lowers the loss": _loss_falls,
        "what the label's row gains the other rows lose: the moves cancel": _moves_cancel,
        "the same batch twice over gives the same step": _twice_the_batch,
        "the new weights are those of gradient descent": agrees(head_step, _cases, _name),
    },
    mistakes={
        "a step uphill": _step(lambda f, p, t: (t - p).T @ f / len(f)),
        "the sum over the batch": _step(lambda f, p, t: (p - t).T @ f),
        "the one-hot left out": _step(lambda f, p, t: p.T @ f / len(f)),
        "the label alone": _step(lambda f, p, t: (p * t - t).T @ f / len(f)),
        "softmax along the batch": _step(lambda f, p, t: (p - t).T @ f / len(f), dim=0),
        "the gradient returned": lambda f, y, w, lr: w - head_step(f, y, w, 1.0),
    },
)
