"""Exercise 4.3: finding out by numbers whether a soft comparator is monotone."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...sigmoids import Comparator
from ..attempt import Attempt
from ..checks import Checks, Sign

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


CHECKS = Checks(
    reference=is_monotone,
    properties={
        "True for reciprocal and Cauchy": _says(True, (1.0,), "reciprocal", "cauchy"),
        "True for optimal, whose soft minimum stands still": _says(True, (0.1, 1.0, 10.0), "optimal"),
        "False for logistic, Gaussian and ART": _says(False, (1.0,), "logistic", "gaussian", "logistic_phi"),
        "False also where the fall is far out: logistic at 0.1": _says(False, (0.1,), "logistic", "gaussian"),
        "False also where it is close by: Gaussian at 10": _says(False, (10.0,), "logistic", "gaussian"),
        "the soft minimum decides, not α itself": _of_wavering,
    },
    mistakes={
        "the verdict turned around": Sign(
            lambda attempt: all(_verdicts(attempt, "gaussian")) and not any(_verdicts(attempt, "cauchy"))
        ),
        "α itself tested": Sign(lambda attempt: all(_verdicts(attempt, "logistic")) and not attempt.truth(_wavering)),
        "only negative gaps": Sign(
            lambda attempt: all(_verdicts(attempt, "logistic")) and all(_verdicts(attempt, "cauchy"))
        ),
        "gaps not far enough": Sign(lambda attempt: _verdicts(attempt, "logistic")[::2] == (True, False)),
        "steps too wide": Sign(lambda attempt: _verdicts(attempt, "logistic")[::2] == (False, True)),
        "no room for rounding": Sign(
            lambda attempt: not all(_verdicts(attempt, "optimal")) and all(_verdicts(attempt, "reciprocal"))
        ),
        "single precision": Sign(
            lambda attempt: not all(_verdicts(attempt, "reciprocal")) and not any(_verdicts(attempt, "gaussian"))
        ),
    },
)
