"""Exercise 4.1: a soft comparator's smaller output, for two distributions."""

from __future__ import annotations

import math

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference

A, B = torch.tensor([0.4, 2.0, 1.1, -0.8, 3.0]), torch.tensor([2.0, -1.5, 1.1, -0.7, 40.0])
STEEPNESSES = (0.5, 1.0, 3.0)


def soft_minimum(a: torch.Tensor, b: torch.Tensor, steepness: float, distribution: str) -> torch.Tensor:
    """The soft minimum of scores a and b, element by element; distribution is "logistic" or "cauchy"."""
    v = steepness * (b - a)
    alpha = torch.sigmoid(v) if distribution == "logistic" else torch.atan(v) / math.pi + 0.5
    return alpha * a + (1 - alpha) * b


def _cases(*distributions: str) -> list[tuple]:
    return [(A, B, steepness, name) for name in distributions for steepness in STEEPNESSES]


def _case_name(a: torch.Tensor, b: torch.Tensor, steepness: float, distribution: str) -> str:
    return f"{distribution} at steepness {steepness:g}"


def _equal_scores(attempt: Attempt) -> str | None:
    for name in ("logistic", "cauchy"):
        found = difference(attempt.tensor(B, B, 2.0, name, shape=B.shape), B)
        if found:
            return f"{name}, both scores {[round(x, 1) for x in B.tolist()]}: {found}"
    return None


def _symmetric(attempt: Attempt) -> str | None:
    for a, b, steepness, name in _cases("logistic", "cauchy"):
        one, other = (attempt.tensor(*pair, steepness, name, shape=A.shape) for pair in ((a, b), (b, a)))
        found = difference(other, one)
        if found:
            return f"{_case_name(a, b, steepness, name)}, with a and b exchanged: {found}"
    return None


def _between(attempt: Attempt) -> str | None:
    smaller, mean = torch.minimum(A, B).double(), ((A + B) / 2).double()
    for a, b, steepness, name in _cases("logistic", "cauchy"):
        got = attempt.tensor(a, b, steepness, name, shape=A.shape)
        for i, value in enumerate(got.tolist()):
            if not smaller[i] - 1e-4 <= value <= mean[i] + 1e-4:
                where = _case_name(a, b, steepness, name)
                return f"{where}: {value:.3f} for scores {a[i].item():.1f} and {b[i].item():.1f}"
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


CHECKS = Checks(
    reference=soft_minimum,
    cases=lambda: _cases("logistic", "cauchy"),
    imports="import math\n\nimport torch",
    properties={
        "the soft minimum of two equal scores is that score": _equal_scores,
        "exchanging a and b changes nothing": _symmetric,
        "it is never below the smaller score, and never above the mean of both": _between,
        "logistic is the formula's": agrees(soft_minimum, lambda: _cases("logistic"), _case_name),
        "Cauchy is the formula's": agrees(soft_minimum, lambda: _cases("cauchy"), _case_name),
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
