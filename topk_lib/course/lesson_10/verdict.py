"""Exercise 10.2: does an interval support a claim?"""

from __future__ import annotations

from ..attempt import Attempt
from ..checks import Checks, Test, agrees, each


def verdict(low: float, high: float, margin: float) -> int:
    """What an interval says of "ahead by more than margin": 1 supports it, -1 speaks against it, 0 leaves it open."""
    if low > margin:
        return 1
    if high < margin:
        return -1
    return 0


def _cases() -> list[tuple[float, float, float]]:
    intervals = ((0.4, 1.2), (-0.3, 0.9), (-1.5, -0.2), (1.4, 2.0), (-3.0, 0.4), (0.1, 0.3), (-0.9, 4.0))
    return [(low, high, margin) for low, high in intervals for margin in (0.0, 0.5, 1.0)]


def _name(low: float, high: float, margin: float) -> str:
    return f"interval {low:g} to {high:g}, claim: ahead by more than {margin:g}"


def _is(wanted: int, *cases: tuple[float, float, float]) -> Test:
    def said(attempt: Attempt, *case: float) -> str | None:
        found = attempt.number(*case)
        return None if found == wanted else f"your function says {found:g}"

    return each(cases, _name, said)


def _one_of_three(attempt: Attempt, *case: float) -> str | None:
    found = attempt.number(*case)
    return None if found in (-1, 0, 1) else f"{found:g}, expected 1, -1 or 0"


def _margin_matters(attempt: Attempt) -> str | None:
    found = [attempt.number(0.4, 1.2, margin) for margin in (0.0, 0.5, 2.0)]
    return None if found == [1, 0, -1] else f"0.4 to 1.2 with margins 0, 0.5, 2: {', '.join(f'{x:g}' for x in found)}"


def _by_mean(low: float, high: float, margin: float) -> int:
    return 1 if (low + high) / 2 > margin else -1


CHECKS = Checks(
    reference=verdict,
    cases=_cases,
    imports="",
    properties={
        "the answer is 1, -1 or 0": each(_cases, _name, _one_of_three),
        "an interval beyond the margin supports the claim": _is(1, (0.4, 1.2, 0.0), (1.4, 2.0, 1.0)),
        "an interval short of the margin speaks against it": _is(-1, (-1.5, -0.2, 0.0), (0.1, 0.3, 0.5)),
        "an interval around the margin leaves it open": _is(0, (-0.3, 0.9, 0.0), (0.4, 1.2, 0.5)),
        "a larger margin is harder to support": _margin_matters,
        "all intervals are judged right": agrees(verdict, _cases, _name),
    },
    mistakes={
        "the mean decides": _by_mean,
        "open taken for refuted": lambda low, high, margin: 1 if low > margin else -1,
        "the margin ignored": lambda low, high, margin: verdict(low, high, 0.0),
        "one end is enough": lambda low, high, margin: 1 if high > margin else -1,
        "the sign turned": lambda low, high, margin: -verdict(low, high, margin),
    },
)
