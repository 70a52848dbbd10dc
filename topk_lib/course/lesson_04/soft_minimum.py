"""Exercise 4.1: a soft comparator's smaller output, for two distributions."""

from __future__ import annotations

import math

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each

A, B = torch.tensor([0.4, 2.0, 1.1, -0.8, 3.0]), torch.tensor([2.0, -1.5, 1.1, -0.7, 40.0])
BOTH = ("logistic", "cauchy")
STEEPNESSES = (0.5, 1.0, 3.0)


def soft_minimum(a: torch.Tensor, b: torch.Tensor, steepness: float, distribution: str) -> torch.Tensor:
    """The soft minimum of scores a and b, element by element; distribution is "logistic" or "cauchy"."""
    v = steepness * (b - a)
    alpha = torch.sigmoid(v) if distribution == "logistic" else torch.atan(v) / math.pi + 0.5
    return alpha * a + (1 - alpha) * b


def _cases(*distributions: str) -> list[tuple]:
    return [(A, B, steepness, name) for name in distributions or BOTH for steepness in STEEPNESSES]


def _name(a: torch.Tensor, b: torch.Tensor, steepness: float, distribution: str) -> str:
    return f"{distribution} at steepness {steepness:g}"


def _exchanged(attempt: Attempt, a: torch.Tensor, b: torch.Tensor, *how: object) -> str | None:
    one, other = (attempt.tensor(*pair, *how, shape=A.shape) for pair in ((a, b), (b, a)))
    return difference(other, one)


def _between(attempt: Attempt, a: torch.Tensor, b: torch.Tensor, *how: object) -> str | None:
    smaller, mean = torch.minimum(a, b), (a + b) / 2
    for value, low, high, x, y in zip(attempt.tensor(a, b, *how, shape=A.shape), smaller, mean, a, b, strict=True):
        if not low - 1e-4 <= value <= high + 1e-4:
            return f"{value:.3f} for scores {x:.1f} and {y:.1f}"
    return None


def _mistaken(logistic: object, cauchy: object) -> object:
    """soft_minimum with other formulas of v = β·d, or of β and d where they take two arguments."""

    def function(a: torch.Tensor, b: torch.Tensor, steepness: float, distribution: str) -> torch.Tensor:
        alpha = (logistic if distribution == "logistic" else cauchy)(steepness, b - a)
        return alpha * a + (1 - alpha) * b

    return function


def _logistic(steepness: float, d: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(steepness * d)


def _cauchy(steepness: float, d: torch.Tensor) -> torch.Tensor:
    return torch.atan(steepness * d) / math.pi + 0.5


EQUAL = [(B, B, 2.0, name) for name in BOTH]

CHECKS = Checks(
    reference=soft_minimum,
    cases=_cases,
    imports="import math\n\nimport torch",
    properties={
        "the soft minimum of two equal scores is that score": agrees(
            lambda a, *_: a, EQUAL, lambda *case: f"{case[3]}, both scores {[round(x, 1) for x in B.tolist()]}"
        ),
        "exchanging a and b changes nothing": each(
            _cases, lambda *case: f"{_name(*case)}, with a and b exchanged", _exchanged
        ),
        "it is never below the smaller score, and never above the mean of both": each(_cases, _name, _between),
        "logistic is the formula's": agrees(soft_minimum, lambda: _cases("logistic"), _name),
        "Cauchy is the formula's": agrees(soft_minimum, lambda: _cases("cauchy"), _name),
    },
    mistakes={
        "the soft maximum": _mistaken(lambda t, d: _logistic(t, -d), lambda t, d: _cauchy(t, -d)),
        "arctan not divided by π": _mistaken(_logistic, lambda t, d: torch.atan(t * d) + 0.5),
        "one half forgotten": _mistaken(_logistic, lambda t, d: torch.atan(t * d) / math.pi),
        "the steepness forgotten": _mistaken(lambda t, d: _logistic(1, d), lambda t, d: _cauchy(1, d)),
        "steepness taken for temperature": _mistaken(lambda t, d: _logistic(1 / t, d), lambda t, d: _cauchy(1 / t, d)),
        "logistic for both": _mistaken(_logistic, _logistic),
    },
)
