"""Exercise 10.2: does an interval support a claim?"""

from __future__ import annotations

from ..checks import Checks, Instead, agrees, each, holds


def verdict(low: float, high: float, margin: float) -> int:
    """What an interval says of "ahead by more than margin": 1 supports it, -1 speaks against it, 0 leaves it open."""
    if low > margin:
        return 1
    if high < margin:
        return -1
    return 0


INTERVALS = ((0.4, 1.2), (-0.3, 0.9), (-1.5, -0.2), (1.4, 2.0), (-3.0, 0.4), (0.1, 0.3), (-0.9, 4.0))
CASES = [(low, high, margin) for low, high in INTERVALS for margin in (0.0, 0.5, 1.0)]

CHECKS = Checks(
    reference=verdict,
    cases=CASES,
    case="interval {low:g} to {high:g}, claim: ahead by more than {margin:g}",
    imports="",
    properties={
        "the answer is 1, -1 or 0": each(
            CASES, lambda found, *_: found in (-1, 0, 1), "{answer:g}, expected 1, -1 or 0"
        ),
        "an interval beyond the margin supports the claim": agrees([(0.4, 1.2, 0.0), (1.4, 2.0, 1.0)]),
        "an interval short of the margin speaks against it": agrees([(-1.5, -0.2, 0.0), (0.1, 0.3, 0.5)]),
        "an interval around the margin leaves it open": agrees([(-0.3, 0.9, 0.0), (0.4, 1.2, 0.5)]),
        "a larger margin is harder to support": holds(
            lambda *found: found == (1, 0, -1),
            "0.4 to 1.2 with margins 0, 0.5, 2: {:g}, {:g}, {:g}",
            *[(0.4, 1.2, margin) for margin in (0.0, 0.5, 2.0)],
        ),
        "all intervals are judged right": agrees(CASES),
    },
    mistakes={
        "the mean decides": lambda low, high, margin: 1 if (low + high) / 2 > margin else -1,
        "open taken for refuted": Instead("return 0", "return -1"),
        "the margin ignored": Instead("low > margin", "low > 0", "high < margin", "high < 0"),
        "one end is enough": lambda low, high, margin: 1 if high > margin else -1,
        "the sign turned": lambda low, high, margin: -verdict(low, high, margin),
    },
)
