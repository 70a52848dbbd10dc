"""Exercise 4.2: the steepness for a wished certainty at a given gap."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ...sigmoids import Comparator
from ..attempt import Attempt, Wrong
from ..checks import Checks, Instead, Sign, Test, each, holds, imitates

GAPS, CERTAINTIES = (0.05, 0.7, 3.0), (0.6, 0.75, 0.9, 0.99)
NAMES = ("logistic", "cauchy", "reciprocal")
CLOSE = 1e-3


def find_steepness(gap: float, certainty: float, distribution: str) -> float:
    """The steepness at which α(gap) equals certainty; distribution is "logistic", "cauchy" or "reciprocal"."""
    if distribution == "logistic":
        v = math.log(certainty / (1 - certainty))
    elif distribution == "cauchy":
        v = math.tan(math.pi * (certainty - 0.5))
    else:
        v = 1 / (1 - certainty) - 2
    return v / gap


def _cases(*names: str) -> list[tuple]:
    return [(gap, certainty, name) for name in names for gap in GAPS for certainty in CERTAINTIES]


def _reached(steepness: torch.Tensor, gap: float, _: float, name: str) -> float:
    if not 0 < steepness < math.inf:
        raise Wrong(f"your function returned {steepness:.3f}, expected a positive steepness")
    return Comparator(name, steepness.item()).alpha(torch.tensor(gap).double()).item()


def _reaches(name: str) -> Test:
    return each(
        _cases(name),
        lambda steepness, *case: abs(_reached(steepness, *case) - case[1]) <= CLOSE,
        lambda steepness, *case: f"your {steepness:.3f} gives α = {_reached(steepness, *case):.3f}",
    )


def _for_each(fits: Callable[..., object], words: str, *pair: tuple[float, float]) -> Test:
    """A property of two answers, at a gap and a certainty each, for every distribution."""

    def test(attempt: Attempt) -> str | None:
        for name in NAMES:
            if found := holds(fits, words, *[(*case, name) for case in pair])(attempt):
                return f"{name}: {found}"
        return None

    return test


CHECKS = Checks(
    reference=find_steepness,
    cases=_cases(*NAMES),
    case="gap {gap:g}, certainty {certainty:g}",
    imports="import math",
    properties={
        "logistic reaches the certainty that was wished": _reaches("logistic"),
        "so does Cauchy": _reaches("cauchy"),
        "so does reciprocal": _reaches("reciprocal"),
        "half the gap needs twice the steepness": _for_each(
            lambda whole, half: 0 < whole < math.inf and abs(half - 2 * whole) <= CLOSE * whole,
            "{:.3f} for a gap of 0.8 and {:.3f} for one of 0.4",
            (0.8, 0.9),
            (0.4, 0.9),
        ),
        "more certainty needs more steepness": _for_each(
            lambda less, more: 0 < less < more,
            "{:.3f} for a certainty of 0.75 and {:.3f} for 0.95",
            (0.7, 0.75),
            (0.7, 0.95),
        ),
    },
    mistakes={
        "temperature returned for steepness": Instead("v / gap", "gap / v"),
        "multiplied by the gap": Instead("v / gap", "v * gap"),
        "the gap forgotten": Instead("v / gap", "v"),
        "the probability of swapping": Sign(
            imitates(lambda gap, c, name: -find_steepness(gap, c, name), _cases("logistic", "cauchy"))
        ),
        "the tangent without π": Instead("math.pi * ", ""),
        "minus two lost": Instead(" - 2", ""),
    },
)
