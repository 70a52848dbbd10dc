"""Exercise 4.1: a soft comparator's smaller output, for two distributions."""

from __future__ import annotations

import math

import torch

from ..attempt import Attempt
from ..checks import Checks, Instead, agrees, difference, each

A, B = torch.tensor([0.4, 2.0, 1.1, -0.8, 3.0]), torch.tensor([2.0, -1.5, 1.1, -0.7, 40.0])
LOGISTIC, CAUCHY = ([(A, B, steepness, name) for steepness in (0.5, 1.0, 3.0)] for name in ("logistic", "cauchy"))
EQUAL = [(B, B, 2.0, name) for name in ("logistic", "cauchy")]


def soft_minimum(a: torch.Tensor, b: torch.Tensor, steepness: float, distribution: str) -> torch.Tensor:
    """The soft minimum of scores a and b, element by element; distribution is "logistic" or "cauchy"."""
    v = steepness * (b - a)
    alpha = torch.sigmoid(v) if distribution == "logistic" else torch.atan(v) / math.pi + 0.5
    return alpha * a + (1 - alpha) * b


def _exchanged(attempt: Attempt) -> str | None:
    for a, b, *how in LOGISTIC + CAUCHY:
        if found := difference(attempt.tensor(b, a, *how), attempt.tensor(a, b, *how)):
            return attempt.told(f"with a and b exchanged {found}", (a, b, *how))
    return None


CHECKS = Checks(
    reference=soft_minimum,
    cases=LOGISTIC + CAUCHY,
    case="{distribution} at steepness {steepness:g}",
    imports="import math\n\nimport torch",
    properties={
        "the soft minimum of two equal scores is that score": agrees(
            EQUAL, lambda a, *_: a, case="{distribution}, both scores [{a:.1f}]"
        ),
        "exchanging a and b changes nothing": _exchanged,
        "it is never below the smaller score, and never above the mean of both": each(
            LOGISTIC + CAUCHY,
            lambda found, a, b, *_: ((torch.minimum(a, b) - 1e-4 <= found) & (found <= (a + b) / 2 + 1e-4)).all(),
            "[{answer:.3f}] for scores [{a:.1f}] and [{b:.1f}]",
        ),
        "logistic is the formula's": agrees(LOGISTIC),
        "Cauchy is the formula's": agrees(CAUCHY),
    },
    mistakes={
        "the soft maximum": Instead("(b - a)", "(a - b)"),
        "arctan not divided by π": Instead(" / math.pi", ""),
        "one half forgotten": Instead(" + 0.5", ""),
        "the steepness forgotten": Instead("steepness * ", ""),
        "steepness taken for temperature": Instead("steepness * (b - a)", "(b - a) / steepness"),
        "logistic for both": Instead('distribution == "logistic"', "True"),
    },
)
