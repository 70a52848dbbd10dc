"""Exercise 9.2: which m keeps a given share of the push on the wrong classes."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, each
from ..example import LABEL, NAMES, scores


def smallest_m(scores: torch.Tensor, label: int, share: float) -> int:
    """The smallest m whose kept classes hold at least this share of the softmax chance of all wrong classes."""
    chances = torch.softmax(scores, dim=0)
    wrong = torch.cat([chances[:label], chances[label + 1 :]])
    kept = wrong.sort(descending=True).values.cumsum(dim=0)
    needed = (kept < share * wrong.sum()).sum().item() + 1
    return needed + 1


def _cases() -> list[tuple]:
    """Shares that no cumulative sum meets exactly, so that rounding decides nothing."""
    cases = [(scores(), label, share) for label in (LABEL, 1, 2) for share in (0.3, 0.6, 0.9, 0.99)]
    return cases + [(HUNDRED, label, share) for label in (0, 7, 50) for share in (0.5, 0.9, 0.99)]


def _name(s: torch.Tensor, label: int, share: float) -> str:
    which = f"the six scores, label {NAMES[label]}" if len(s) == 6 else f"100 scores, label {label}"
    return f"{which}, share {share:g}"


def _whole_and_at_least_two(attempt: Attempt, *case: object) -> str | None:
    m, n = attempt.number(*case), len(case[0])
    return None if m == round(m) and 2 <= m <= n else f"m = {m:g}, expected a whole number from 2 to {n}"


def _more_for_a_larger_share(attempt: Attempt) -> str | None:
    some, most = (attempt.number(HUNDRED, 7, share) for share in (0.5, 0.99))
    return None if most > some else f"m is {some:g} for half of the push and {most:g} for 99 % of it"


def _equal_scores(attempt: Attempt) -> str | None:
    m = attempt.number(torch.zeros(101), 3, 0.495)
    return None if m == 51 else f"101 equal scores, share 0.495: m = {m:g}; 50 of the 100 wrong classes and the label"


def _label_does_not_matter(attempt: Attempt) -> str | None:
    low, high = torch.zeros(101), torch.zeros(101)
    low[3], high[3] = -20.0, 20.0
    found = [attempt.number(s, 3, 0.495) for s in (low, high)]
    return None if found[0] == found[1] else f"m is {found[0]:g} if the label scores low, {found[1]:g} if high"


def _variant(wrong_only=True, total_of_all=False, ascending=False, label_counts=True, bounded=True) -> object:
    def mistaken(s: torch.Tensor, label: int, share: float) -> int:
        chances = torch.softmax(s, dim=0)
        wrong = torch.cat([chances[:label], chances[label + 1 :]])
        counted = wrong if wrong_only else chances
        total = chances.sum() if total_of_all else counted.sum()
        kept = counted.sort(descending=not ascending).values.cumsum(dim=0)
        needed = int((kept < share * total).sum()) + 1
        return (min(needed, len(counted)) if bounded else needed) + label_counts

    return mistaken


HUNDRED = 2 * torch.randn(100, generator=torch.Generator().manual_seed(2))

CHECKS = Checks(
    reference=smallest_m,
    cases=_cases,
    properties={
        "m is a whole number from 2 to n": each(_cases, _name, _whole_and_at_least_two),
        "a larger share needs more classes": _more_for_a_larger_share,
        "of 101 equal scores, 51 hold 49.5 % of the push": _equal_scores,
        "the label's own score makes no difference": _label_does_not_matter,
        "m is the smallest that is enough": agrees(smallest_m, _cases, _name),
    },
    mistakes={
        "the label not counted": _variant(label_counts=False),
        "the label among the wrong": _variant(wrong_only=False, label_counts=False),
        # with and without stopping at m = n: a sum over the wrong classes may never reach a share of 1
        "a share of all chance": (_variant(total_of_all=True), _variant(total_of_all=True, bounded=False)),
        "the smallest scores first": _variant(ascending=True),
        "one class too many": lambda s, label, share: smallest_m(s, label, share) + 1,
    },
)
