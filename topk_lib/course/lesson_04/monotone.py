"""Exercise 4.3: finding out by numbers whether a soft comparator is monotone."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...sigmoids import Comparator
from ..attempt import Attempt
from ..grading import Exercise, Mistake, Property

SHOWN_AS = {
    "logistic": "logistic",
    "logistic_phi": "ART",
    "gaussian": "Gaussian",
    "reciprocal": "reciprocal",
    "cauchy": "Cauchy",
    "optimal": "optimal",
}


def is_monotone(alpha) -> bool:
    """Whether the soft minimum of 0 and b never falls as b rises; alpha takes a tensor of gaps."""
    b = torch.linspace(-100, 100, 200_001, dtype=torch.double)
    soft_minimum = (1 - alpha(b)) * b
    return bool((soft_minimum.diff() > -1e-9).all())


def _alpha(name: str, steepness: float) -> Callable[[torch.Tensor], torch.Tensor]:
    return Comparator(name, steepness, 0.5).alpha


def _says(wanted: bool, steepnesses: tuple[float, ...], *names: str) -> Callable[[Attempt], str | None]:
    def test(attempt: Attempt) -> str | None:
        for name in names:
            for steepness in steepnesses:
                if attempt.truth(_alpha(name, steepness)) != wanted:
                    return f"your function says {not wanted} for {SHOWN_AS[name]} at steepness {steepness:g}"
        return None

    return test


def _wavering(gap: torch.Tensor) -> torch.Tensor:
    """An α that falls, with a soft minimum that rises."""
    return 0.5 - 0.1 * torch.tanh(gap)


def _of_wavering(attempt: Attempt) -> str | None:
    said = attempt.truth(_wavering)
    return None if said else "your function says False for α = 0.5 - 0.1 tanh(d), whose soft minimum rises"


def _verdicts(attempt: Attempt, name: str) -> tuple[bool, ...]:
    return tuple(attempt.truth(_alpha(name, steepness)) for steepness in (0.1, 1.0, 10.0))


MONOTONE = Exercise(
    id="4.3",
    title="Monotone or not?",
    difficulty="medium",
    minutes=12,
    task=(
        "A soft comparator is monotone if its outputs never fall when a score rises. Write `is_monotone(alpha)`, which "
        "finds out by trying: the soft minimum of 0 and $b$ is $(1 - \\alpha(b))\\,b$."
    ),
    requirements=(
        "`alpha` is a function: it takes a tensor of gaps and returns a tensor of degrees, of the same shape.",
        "Try gaps from -100 to 100, at most 0.001 apart, in double precision.",
        "A fall of less than $10^{-9}$ is rounding, not a fall. Return `True` or `False`.",
        'Try it on `topk_lib.Comparator("cauchy").alpha` and the others.',
    ),
    why="One output that falls is one gradient with the wrong sign, and the layers of a network collect them.",
    hints=(
        "Compute the soft minimum for a long row of values of b, and look at the difference of neighbours.",
        "A row is made by torch.linspace; the method diff of a tensor takes the differences.",
    ),
    takeaway="Reciprocal, Cauchy and optimal are monotone; logistic, ART and Gaussian drop a larger score too fast.",
    reference=is_monotone,
    imports="import torch",
    properties=(
        Property("True for reciprocal and Cauchy", _says(True, (1.0,), "reciprocal", "cauchy")),
        Property("True for optimal, whose soft minimum stands still", _says(True, (0.1, 1.0, 10.0), "optimal")),
        Property("False for logistic, Gaussian and ART", _says(False, (1.0,), "logistic", "gaussian", "logistic_phi")),
        Property("False also where the fall is far out: logistic at 0.1", _says(False, (0.1,), "logistic", "gaussian")),
        Property("False also where it is close by: Gaussian at 10", _says(False, (10.0,), "logistic", "gaussian")),
        Property("the soft minimum decides, not α itself", _of_wavering),
    ),
    mistakes=(
        Mistake(
            "the verdict turned around",
            "You say True where the soft minimum falls. Monotone means that it never does.",
            lambda attempt: all(_verdicts(attempt, "gaussian")) and not any(_verdicts(attempt, "cauchy")),
        ),
        Mistake(
            "α itself tested",
            "You look at α, which always rises. It is the soft minimum, (1 - α) times b, that may fall.",
            lambda attempt: all(_verdicts(attempt, "logistic")) and not attempt.truth(_wavering),
        ),
        Mistake(
            "only negative gaps",
            "You never say False. The fall is where b is the larger score: try positive gaps too.",
            lambda attempt: all(_verdicts(attempt, "logistic")) and all(_verdicts(attempt, "cauchy")),
        ),
        Mistake(
            "gaps not far enough",
            "Soft comparators fall further out than you look. Go to gaps of 100.",
            lambda attempt: _verdicts(attempt, "logistic")[::2] == (True, False),
        ),
        Mistake(
            "steps too wide",
            "Steep comparators fall between two of your gaps. Take steps of 0.001.",
            lambda attempt: _verdicts(attempt, "logistic")[::2] == (False, True),
        ),
        Mistake(
            "no room for rounding",
            "The optimal one stands still, and rounding moves it by 1e-17. Forgive falls below 1e-9.",
            lambda attempt: not all(_verdicts(attempt, "optimal")) and all(_verdicts(attempt, "reciprocal")),
        ),
        Mistake(
            "single precision",
            "You say False even for the reciprocal one, which rises everywhere. In single precision rounding alone "
            "makes it fall: take dtype=torch.double.",
            lambda attempt: not all(_verdicts(attempt, "reciprocal")) and not any(_verdicts(attempt, "gaussian")),
        ),
    ),
)
