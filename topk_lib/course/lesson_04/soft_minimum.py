"""Exercise 4.1: a soft comparator's smaller output, for two distributions."""

from __future__ import annotations

import math

import torch

from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property

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


def _imitates(logistic: object, cauchy: object) -> object:
    return imitates(_mistaken(logistic, cauchy), lambda: _cases("logistic", "cauchy"))


SOFT_MINIMUM = Exercise(
    id="4.1",
    title="A soft minimum, two ways",
    difficulty="easy",
    minutes=8,
    task=(
        "Write `soft_minimum(a, b, steepness, distribution)`: with $d = b - a$ it is $\\alpha a + (1 - \\alpha) b$, "
        "where $\\alpha = \\sigma(\\beta d)$ is logistic and $\\alpha = \\arctan(\\beta d)/\\pi + \\frac12$ is Cauchy."
    ),
    requirements=(
        "`a` and `b` are tensors of one shape; return a tensor of that shape.",
        '`distribution` is `"logistic"` or `"cauchy"`; `steepness` is $\\beta$, a positive number.',
        "Use whole tensors, no loop.",
    ),
    why="All of a soft sorting network is this one line, once per comparator.",
    hints=(
        "First the gap, then α, then the mixture. α near 1 means that a is the smaller one and stays.",
        "Both torch.sigmoid and torch.atan take tensors; π is math.pi.",
    ),
    takeaway="Both hesitate at small gaps; at large ones the logistic one is quickly sure, the Cauchy one slowly.",
    reference=soft_minimum,
    imports="import math\n\nimport torch",
    properties=(
        Property("the soft minimum of two equal scores is that score", _equal_scores),
        Property("exchanging a and b changes nothing", _symmetric),
        Property("it is never below the smaller score, and never above the mean of both", _between),
        Property("logistic is the formula's", agrees(soft_minimum, lambda: _cases("logistic"), _case_name)),
        Property("Cauchy is the formula's", agrees(soft_minimum, lambda: _cases("cauchy"), _case_name)),
    ),
    mistakes=(
        Mistake(
            "the soft maximum",
            "You return the larger output. Either your gap is a - b, or α stands at the wrong score.",
            _imitates(lambda t, d: _logistic(t, -d), lambda t, d: _cauchy(t, -d)),
        ),
        Mistake(
            "arctan not divided by π",
            "Your Cauchy α leaves the range from 0 to 1: the arctangent reaches π/2, so divide it by π.",
            _imitates(_logistic, lambda t, d: torch.atan(t * d) + 0.5),
        ),
        Mistake(
            "one half forgotten",
            "Your Cauchy α is 0 at a tie. Add one half: a tie is kept and swapped in equal parts.",
            _imitates(_logistic, lambda t, d: torch.atan(t * d) / math.pi),
        ),
        Mistake(
            "the steepness forgotten",
            "Your answer is the same at every steepness. The gap has to be multiplied by it first.",
            _imitates(lambda t, d: _logistic(1, d), lambda t, d: _cauchy(1, d)),
        ),
        Mistake(
            "steepness taken for temperature",
            "You divide by the steepness. It multiplies the gap; a temperature would divide it.",
            _imitates(lambda t, d: _logistic(1 / t, d), lambda t, d: _cauchy(1 / t, d)),
        ),
        Mistake(
            "logistic for both",
            "Your function does not look at distribution: Cauchy gets the logistic α.",
            _imitates(_logistic, _logistic),
        ),
    ),
)
