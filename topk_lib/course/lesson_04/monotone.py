"""Exercise 4.3: finding out by numbers whether a soft comparator is monotone."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...sigmoids import SIGMOIDS, Comparator
from ..checks import Checks, Sign, Test, judges, says


def is_monotone(alpha) -> bool:
    """Whether the soft minimum of 0 and b never falls as b rises; alpha takes a tensor of gaps."""
    b = torch.linspace(-100, 100, 200_001, dtype=torch.double)
    soft_minimum = (1 - alpha(b)) * b
    return bool((soft_minimum.diff() > -1e-9).all())


def _wavering(gap: torch.Tensor) -> torch.Tensor:
    """An α that falls, with a soft minimum that rises."""
    return 0.5 - 0.1 * torch.tanh(gap)


def _alphas(name: str, *steepnesses: float) -> list[tuple[Callable[[torch.Tensor], torch.Tensor]]]:
    return [(Comparator(name, steepness, 0.5).alpha,) for steepness in steepnesses]


def _says(wanted: bool, steepnesses: tuple[float, ...], *names: str) -> Test:
    pairs = [(name, steepness) for name in names for steepness in steepnesses]
    return says(wanted, [(f"{SIGMOIDS.display_name(n)} at steepness {b:g}", *_alphas(n, b)[0]) for n, b in pairs])


WAVERING = "α = 0.5 - 0.1 tanh(d), whose soft minimum rises"
ALL = (0.1, 1.0, 10.0)
LOGISTIC, GAUSSIAN, CAUCHY, RECIPROCAL = (_alphas(n, *ALL) for n in ("logistic", "gaussian", "cauchy", "reciprocal"))
FAR, _, NEAR = LOGISTIC  # where the fall of the soft minimum is far out, and where it is close by


def _refuses_some(alphas: list[tuple], but: Sign) -> Sign:
    return Sign(lambda attempt: not judges(yes=alphas).made(attempt) and but.made(attempt))


CHECKS = Checks(
    reference=is_monotone,
    properties={
        "True for reciprocal and Cauchy": _says(True, (1.0,), "reciprocal", "cauchy"),
        "True for optimal, whose soft minimum stands still": _says(True, ALL, "optimal"),
        "False for logistic, Gaussian and ART": _says(False, (1.0,), "logistic", "gaussian", "logistic_phi"),
        "False also where the fall is far out: logistic at 0.1": _says(False, (0.1,), "logistic", "gaussian"),
        "False also where it is close by: Gaussian at 10": _says(False, (10.0,), "logistic", "gaussian"),
        "the soft minimum decides, not α itself": says(True, [(WAVERING, _wavering)]),
    },
    mistakes={
        "the verdict turned around": judges(yes=GAUSSIAN, no=CAUCHY),
        "α itself tested": judges(yes=LOGISTIC, no=[(_wavering,)]),
        "only negative gaps": judges(yes=LOGISTIC + CAUCHY),
        "gaps not far enough": judges(yes=[FAR], no=[NEAR]),
        "steps too wide": judges(yes=[NEAR], no=[FAR]),
        "no room for rounding": _refuses_some(_alphas("optimal", *ALL), but=judges(yes=RECIPROCAL)),
        "single precision": _refuses_some(RECIPROCAL, but=judges(no=GAUSSIAN)),
    },
)
