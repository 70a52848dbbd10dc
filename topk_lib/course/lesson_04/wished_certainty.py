"""Exercise 4.2: the steepness for a wished certainty at a given gap."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ...sigmoids import Comparator
from ..attempt import Attempt, Wrong
from ..comparing import imitates
from ..grading import Exercise, Mistake, Property

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


WISHED_CERTAINTY = Exercise(
    id="4.2",
    title="Which steepness for 90 %?",
    difficulty="medium",
    minutes=10,
    task=(
        "Two scores are `gap` apart, and the comparator should be sure of their order to the degree `certainty`. "
        "Write `find_steepness(gap, certainty, distribution)`: solve $f(\\beta d) = \\alpha$ for $\\beta$."
    ),
    requirements=(
        "`gap` is positive, `certainty` above 0.5 and below 1; return one positive number.",
        "Logistic: $f(v) = 1/(1 + e^{-v})$. Cauchy: $f(v) = \\arctan(v)/\\pi + \\frac12$.",
        "Reciprocal: $f(v) = \\frac12\\left(\\frac{v}{2 + v} + 1\\right) = 1 - \\frac{1}{2 + v}$ for $v \\geq 0$.",
        '`distribution` is `"logistic"`, `"cauchy"` or `"reciprocal"`. Paper and pencil first.',
    ),
    why="This is the rule of the lesson: name a gap and a certainty, and the steepness follows.",
    hints=(
        "Solve f(v) = certainty for v first; the gap comes in last, through v = steepness times gap.",
        "The logistic inverse is the logarithm of the odds; the Cauchy one a tangent.",
        "For the reciprocal one, 1/(2 + v) is what is missing to 1.",
    ),
    takeaway="At 0.99 the reciprocal one needs more than twenty times the logistic β: the same β means nothing.",
    reference=find_steepness,
    imports="import math",
    properties=(
        Property("logistic reaches the certainty that was wished", _reaches("logistic")),
        Property("so does Cauchy", _reaches("cauchy")),
        Property("so does reciprocal", _reaches("reciprocal")),
        Property("half the gap needs twice the steepness", _half_the_gap),
        Property("more certainty needs more steepness", _more_certain),
    ),
    mistakes=(
        Mistake(
            "temperature returned for steepness",
            "One divided by your answer would be right: you return gap divided by v.",
            imitates(lambda gap, c, name: gap / _argument(c, name), _cases),
        ),
        Mistake(
            "multiplied by the gap",
            "You found v and multiplied by the gap. v is steepness times gap, so the steepness is v divided by it.",
            imitates(lambda gap, c, name: gap * _argument(c, name), _cases),
        ),
        Mistake(
            "the gap forgotten",
            "Your answer is right for a gap of 1 only. Smaller gaps need a larger steepness.",
            imitates(lambda gap, c, name: _argument(c, name), _cases),
        ),
        Mistake(
            "the chance of swapping",
            "Your steepness is negative: you solve for 1 - α, the degree of swapping.",
            imitates(lambda gap, c, name: -_argument(c, name) / gap, lambda: [c for c in _cases() if c[2] != NAMES[2]]),
        ),
        Mistake(
            "the tangent without π",
            "Your Cauchy inverse lacks π: multiply certainty - 1/2 by it before you take the tangent.",
            imitates(_no_pi, _cases),
        ),
        Mistake(
            "minus two lost",
            "Your reciprocal inverse is too large by 2: one over what is missing to 1 is 2 + v, not v.",
            imitates(_no_minus_two, _cases),
        ),
    ),
)
