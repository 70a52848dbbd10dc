"""Exercise 7.2: what label noise does to the probabilities."""

from __future__ import annotations

import torch

from ...experiments.data import blobs
from ..checks import Checks, Instead, agrees, gives


def noisy_probabilities(posterior: torch.Tensor, groups: torch.Tensor, rate: float) -> torch.Tensor:
    """P(noisy label), shape (n,), from the true classes' probabilities (n,) and each class's group number (n,)."""
    noisy = torch.empty_like(posterior)
    for i in range(len(posterior)):
        same = groups == groups[i]
        others = posterior[same].sum() - posterior[i]
        noisy[i] = (1 - rate) * posterior[i] + rate * others / (same.sum() - 1)
    return noisy


SURE = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
THREES, PAIRS, ONE = torch.tensor([0, 0, 0, 1, 1, 1]), torch.tensor([2, 1, 0, 0, 1, 2]), torch.zeros(6).long()
UNSURE = torch.softmax(2 * torch.randn(3, 6, generator=torch.Generator().manual_seed(0)), dim=1)
CASES = [(p, groups, rate) for p in UNSURE for groups in (THREES, PAIRS, ONE) for rate in (0.1, 0.3)]

CHECKS = Checks(
    reference=noisy_probabilities,
    cases=CASES,
    case="groups [{groups:d}], rate {rate:g}",
    properties={
        "at rate 0 nothing changes": gives(UNSURE[0], UNSURE[0], THREES, 0.0),
        "the probabilities sum to 1": agrees(CASES, lambda *_: 1.0, of=torch.sum, what="the sum"),
        "a sure label keeps 0.7 at rate 0.3; two partners get 0.15 each, others nothing": gives(
            [0.15, 0.7, 0.15, 0.0, 0.0, 0.0], SURE, THREES, 0.3
        ),
        "in one group of six, the five others get 0.06 each": gives(
            [0.06, 0.7, 0.06, 0.06, 0.06, 0.06], SURE, ONE, 0.3
        ),
        "it equals topk_lib.experiments.data.blobs.noisy_posterior": agrees(
            CASES, lambda p, groups, rate: blobs.noisy_posterior(p[None], rate, groups, "group")[0]
        ),
    },
    mistakes={
        "replaced by itself": Instead(".sum() - posterior[i]", ".sum()", "(same.sum() - 1)", "same.sum()"),
        "groups ignored": Instead("groups == groups[i]", "groups == groups"),
        "only what is lost": Instead(" + rate * others / (same.sum() - 1)", ""),
        "only what is gained": Instead("(1 - rate) * ", ""),
        "rate and rest exchanged": Instead("(1 - rate) *", "rate *", "rate * others", "(1 - rate) * others"),
        "not shared among the partners": Instead(" / (same.sum() - 1)", ""),
    },
)
