"""Exercise 4.2: the steepness for a wished certainty at a given gap."""

from __future__ import annotations

import math

import torch

from ...sigmoids import Comparator
from ..attempt import Attempt, Wrong
from ..checks import Checks, Sign, Test, each, imitates

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
    return [(gap, certainty, name) for name in names or NAMES for gap in GAPS for certainty in CERTAINTIES]


def _positive(attempt: Attempt, *case: object) -> float:
    steepness = attempt.number(*case)
    if not 0 < steepness < float("inf"):
        raise Wrong(f"your function returned {steepness:.3f}, expected a positive steepness")
    return steepness


def _reaches(name: str) -> Test:
    def reaches(attempt: Attempt, gap: float, certainty: float, name: str) -> str | None:
        steepness = _positive(attempt, gap, certainty, name)
        reached = Comparator(name, steepness).alpha(torch.tensor(gap).double()).item()
        return None if abs(reached - certainty) <= CLOSE else f"your {steepness:.3f} gives α = {reached:.3f}"

    return each(lambda: _cases(name), lambda gap, certainty, _: f"gap {gap:g}, certainty {certainty:g}", reaches)


def _half_the_gap(attempt: Attempt, name: str) -> str | None:
    whole, half = (_positive(attempt, gap, 0.9, name) for gap in (0.8, 0.4))
    fits = abs(half - 2 * whole) <= CLOSE * abs(whole)
    return None if fits else f"{whole:.3f} for a gap of 0.8 and {half:.3f} for one of 0.4"


def _more_certain(attempt: Attempt, name: str) -> str | None:
    less, more = (_positive(attempt, 0.7, certainty, name) for certainty in (0.75, 0.95))
    return None if more > less else f"{less:.3f} for a certainty of 0.75 and {more:.3f} for 0.95"


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
        "half the gap needs twice the steepness": each([(name,) for name in NAMES], str, _half_the_gap),
        "more certainty needs more steepness": each([(name,) for name in NAMES], str, _more_certain),
    },
    mistakes={
        "temperature returned for steepness": lambda gap, c, name: gap / find_steepness(1, c, name),
        "multiplied by the gap": lambda gap, c, name: gap * find_steepness(1, c, name),
        "the gap forgotten": lambda gap, c, name: find_steepness(1, c, name),
        "the chance of swapping": Sign(
            imitates(lambda gap, c, name: -find_steepness(gap, c, name), lambda: _cases(*NAMES[:2]))
        ),
        "the tangent without π": _no_pi,
        "minus two lost": _no_minus_two,
    },
)
