"""Exercise 4.2: the steepness for a wished certainty at a given gap."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ...sigmoids import Comparator
from ..attempt import Attempt, Wrong
from ..checks import Checks, Sign, imitates

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


def _cases() -> list[tuple]:
    return [(gap, certainty, name) for name in NAMES for gap in GAPS for certainty in CERTAINTIES]


def _positive(attempt: Attempt, *case: object) -> float:
    steepness = attempt.number(*case)
    if not 0 < steepness < float("inf"):
        raise Wrong(f"your function returned {steepness:.3f}, expected a positive steepness")
    return steepness


def _reaches(name: str) -> Callable[[Attempt], str | None]:
    def test(attempt: Attempt) -> str | None:
        for gap in GAPS:
            for certainty in CERTAINTIES:
                steepness = _positive(attempt, gap, certainty, name)
                reached = Comparator(name, steepness).alpha(torch.tensor(gap).double()).item()
                if abs(reached - certainty) > CLOSE:
                    return f"gap {gap:g}, certainty {certainty:g}: your {steepness:.3f} gives α = {reached:.3f}"
        return None

    return test


def _half_the_gap(attempt: Attempt) -> str | None:
    for name in NAMES:
        whole, half = (_positive(attempt, gap, 0.9, name) for gap in (0.8, 0.4))
        if abs(half - 2 * whole) > CLOSE * abs(whole):
            return f"{name}: {whole:.3f} for a gap of 0.8 and {half:.3f} for one of 0.4"
    return None


def _more_certain(attempt: Attempt) -> str | None:
    for name in NAMES:
        less, more = (_positive(attempt, 0.7, certainty, name) for certainty in (0.75, 0.95))
        if more <= less:
            return f"{name}: {less:.3f} for a certainty of 0.75 and {more:.3f} for 0.95"
    return None


def _argument(certainty: float, name: str) -> float:
    return find_steepness(1.0, certainty, name)


def _no_minus_two(gap: float, certainty: float, name: str) -> float:
    return 1 / (1 - certainty) / gap if name == "reciprocal" else find_steepness(gap, certainty, name)


def _no_pi(gap: float, certainty: float, name: str) -> float:
    return math.tan(certainty - 0.5) / gap if name == "cauchy" else find_steepness(gap, certainty, name)


CHECKS = Checks(
    reference=find_steepness,
    cases=_cases,
    imports="import math",
    properties={
        "logistic reaches the certainty that was wished": _reaches("logistic"),
        "so does Cauchy": _reaches("cauchy"),
        "so does reciprocal": _reaches("reciprocal"),
        "half the gap needs twice the steepness": _half_the_gap,
        "more certainty needs more steepness": _more_certain,
    },
    mistakes={
        "temperature returned for steepness": lambda gap, c, name: gap / _argument(c, name),
        "multiplied by the gap": lambda gap, c, name: gap * _argument(c, name),
        "the gap forgotten": lambda gap, c, name: _argument(c, name),
        "the chance of swapping": Sign(
            imitates(lambda gap, c, name: -_argument(c, name) / gap, lambda: [c for c in _cases() if c[2] != NAMES[2]])
        ),
        "the tangent without π": _no_pi,
        "minus two lost": _no_minus_two,
    },
)
