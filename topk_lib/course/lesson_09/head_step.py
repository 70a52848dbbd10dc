"""Exercise 9.1: one training step of a head, without autograd."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ..attempt import Attempt
from ..checks import Checks, Instead, agrees, difference, gives, holds


def head_step(features: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor, lr: float) -> torch.Tensor:
    """The weights (classes, d) after one gradient step of cross-entropy on features (B, d) and labels (B,)."""
    scores = features @ weight.T
    probabilities = torch.softmax(scores, dim=1)
    truth = torch.nn.functional.one_hot(labels, len(weight))
    gradient = (probabilities - truth).T @ features / len(labels)
    return weight - lr * gradient


def _cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(9)
    cases = []
    for batch, classes, width, lr in ((6, 3, 4, 0.5), (4, 5, 4, 2.0), (1, 3, 2, 1.0)):
        features = torch.randn(batch, width, generator=generator)
        labels = torch.randint(classes, (batch,), generator=generator)
        cases.append((features, labels, torch.randn(classes, width, generator=generator), lr))
    return cases


CASES = _cases()
FEATURES, LABELS, WEIGHT, LR = CASES[0]


def _loss_falls(attempt: Attempt) -> str | None:
    new = attempt.tensor(FEATURES, LABELS, WEIGHT, 0.1).float()
    before, after = (F.cross_entropy(FEATURES @ w.T, LABELS).item() for w in (WEIGHT, new))
    return None if after < before - 1e-4 else f"the loss goes from {before:.3f} to {after:.3f}"


CHECKS = Checks(
    reference=head_step,
    cases=CASES,
    case="{features.shape[0]} embeddings of {features.shape[1]} numbers, {weight.shape[0]} classes, lr {lr:g}",
    properties={
        "a learning rate of 0 changes nothing": gives(WEIGHT, FEATURES, LABELS, WEIGHT, 0.0),
        "a small step lowers the loss": _loss_falls,
        "what the label's row gains the other rows lose: the moves cancel": agrees(
            CASES[1:2], lambda f, y, weight, lr: weight.sum(0), of=lambda new: new.sum(0), what="the sum of all rows"
        ),
        "the same batch twice over gives the same step": holds(
            lambda once, twice: not difference(twice, once),
            "once the first row is [{0[0]:.3f}], twice [{1[0]:.3f}]",
            *[CASES[0], (FEATURES.repeat(2, 1), LABELS.repeat(2), WEIGHT, LR)],
        ),
        "the new weights are those of gradient descent": agrees(CASES),
    },
    mistakes={
        "a step uphill": Instead("weight - lr", "weight + lr"),
        "the sum over the batch": Instead(" / len(labels)", ""),
        "the one-hot left out": Instead("(probabilities - truth)", "probabilities"),
        "the label alone": Instead("(probabilities - truth)", "(probabilities * truth - truth)"),
        "softmax along the batch": Instead("dim=1", "dim=0"),
        "the gradient returned": Instead("weight - lr * gradient", "gradient"),
    },
)
