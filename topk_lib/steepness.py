"""Which steepness? The one at which a comparator is as sure as you wish at the gap that you care about."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from . import _validate
from .sigmoids import TIE_ZONE, Comparator

_ARGUMENTS: dict[str, Callable[[float], float]] = {
    "logistic": lambda c: math.log(c / (1 - c)),
    "logistic_phi": lambda c: math.log(c / (1 - c)),
    "gaussian": lambda c: NormalDist().inv_cdf(c),
    "reciprocal": lambda c: 1 / (1 - c) - 2,
    "cauchy": lambda c: math.tan(math.pi * (c - 0.5)),
    "optimal": lambda c: c - 0.5 if c <= 0.75 else 1 / (16 * (1 - c)),
}
"""The inverse of every sigmoid: v with f(v) = c."""


def steepness_for(gap: float, certainty: float = 0.9, distribution: str = "cauchy", art_lambda: float = 0.25) -> float:
    """The steepness β at which a soft comparator orders two scores that are `gap` apart to the degree `certainty`.

    That is v/gap with f(v) = certainty, and v/gap^(1-λ) for ART. A usual choice of the gap is the median distance
    of neighbours among the best k+1 scores: the smallest that should still count.

    Args:
        gap: distance of two scores, positive; for ART no smaller than its tie zone.
        certainty: the wished α, above 1/2 and below 1.
        distribution: a key of `SIGMOIDS`.
        art_lambda: λ in [0, 1), read by ``logistic_phi`` only.

    Raises:
        ValueError, TypeError: naming the argument.
    """
    Comparator(distribution, 1.0, art_lambda)  # refuses what it does not know
    gap = _validate.positive_real("gap", gap)
    if isinstance(certainty, bool) or not isinstance(certainty, int | float):
        raise TypeError(f"certainty must be a number above 0.5 and below 1, got {certainty!r}")
    if not 0.5 < certainty < 1:
        raise ValueError(f"certainty must be above 0.5 and below 1, got {certainty!r}")
    if distribution == "logistic_phi":
        if gap < TIE_ZONE:
            raise ValueError(f"gap must be at least {TIE_ZONE:g} for logistic_phi, got {gap!r}")
        gap = gap ** (1 - art_lambda)
    return _ARGUMENTS[distribution](certainty) / gap
