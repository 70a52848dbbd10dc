"""Exercise 9.2: which m keeps a given share of the push on the wrong classes."""

from __future__ import annotations

import torch

from ...experiments.example import LABEL, scores
from ..checks import Checks, Instead, agrees, each, gives, holds


def smallest_m(scores: torch.Tensor, label: int, share: float) -> int:
    """The smallest m whose kept classes hold at least this share of the softmax probability of all wrong classes."""
    probabilities = torch.softmax(scores, dim=0)
    wrong = torch.cat([probabilities[:label], probabilities[label + 1 :]])
    kept = wrong.sort(descending=True).values.cumsum(dim=0)
    needed = (kept < share * wrong.sum()).sum().item() + 1
    return needed + 1


EVEN, LOW, HIGH = torch.zeros(101), torch.zeros(101), torch.zeros(101)
LOW[3], HIGH[3] = -20.0, 20.0
HUNDRED = 2 * torch.randn(100, generator=torch.Generator().manual_seed(2))
# Shares that no cumulative sum meets exactly, so that rounding decides nothing.
CASES = [(scores(), label, share) for label in (LABEL, 1, 2) for share in (0.3, 0.6, 0.9, 0.99)]
CASES += [(HUNDRED, label, share) for label in (0, 7, 50) for share in (0.5, 0.9, 0.99)]

CHECKS = Checks(
    reference=smallest_m,
    cases=CASES,
    case="{scores.shape[0]} scores, label {label}, share {share:g}",
    properties={
        "m is a whole number from 2 to n": each(
            CASES,
            lambda m, s, *_: m == m.round() and 2 <= m <= len(s),
            "m = {answer:g}, expected a whole number from 2 to {scores.shape[0]}",
        ),
        "a larger share needs more classes": holds(
            lambda some, most: most > some,
            "m is {:g} for half of the push and {:g} for 99 % of it",
            *[(HUNDRED, 7, share) for share in (0.5, 0.99)],
        ),
        "of 101 equal scores, 51 hold 49.5 % of the push": gives(
            51, EVEN, 3, 0.495, what="with 50 of the 100 wrong classes and the label, m"
        ),
        "the label's own score makes no difference": holds(
            lambda low, high: low == high,
            "m is {:g} if the label scores low, {:g} if high",
            *[(s, 3, 0.495) for s in (LOW, HIGH)],
        ),
        "m is the smallest that is enough": agrees(CASES),
    },
    mistakes={
        "the label not counted": Instead("return needed + 1", "return needed"),
        "the label among the wrong": Instead(
            *("torch.cat([probabilities[:label], probabilities[label + 1 :]])", "probabilities"),
            *("return needed + 1", "return needed"),
        ),
        # with and without stopping at m = n: a sum over the wrong classes may never reach a share of 1
        "a share of all probability": (
            Instead("share * wrong.sum()", "share", "return needed + 1", "return min(needed, len(wrong)) + 1"),
            Instead("share * wrong.sum()", "share"),
        ),
        "the smallest scores first": Instead("descending=True", "descending=False"),
        "one class too many": Instead("return needed + 1", "return needed + 2"),
    },
)
