"""Means over seeds, with their intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from .. import _validate


class MeanCI(NamedTuple):
    """A mean over seeds and half the width of its 95 % confidence interval by Student's t, in percentage points.

    The interval of one seed is unknown: NaN.
    """

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.mean + self.half_width

    @property
    def verdict(self) -> str:
        """ "gain" or "loss" where the interval lies on one side of zero, else "open"."""
        return "gain" if self.low > 0 else "loss" if self.high < 0 else "open"

    def __str__(self) -> str:
        return f"{self.mean:+.1f} ± {self.half_width:.1f}".replace("-", "−")


def paired_difference(ours: Sequence[float], theirs: Sequence[float]) -> MeanCI:
    """Mean of ours minus theirs in points, with its 95 % interval.

    Args:
        ours, theirs: accuracies as fractions, in the same order of seeds.
    """
    differences = [100 * (a - b) for a, b in zip(ours, theirs, strict=True)]
    if len(differences) == 1:
        return MeanCI(differences[0], math.nan)
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    return MeanCI(statistics.fmean(differences), t_quantile(len(differences) - 1) * error)


def standard_error(accuracy: float, images: int) -> float:
    """Of a fraction that was measured on so many independent images."""
    return (accuracy * (1 - accuracy) / images) ** 0.5


def t_quantile(degrees: int, level: float = 0.95) -> float:
    """The t for which a Student variable lies between -t and t with probability ``level``.

    An interval for a mean of N runs is mean ± t_quantile(N - 1) · standard deviation / √N.

    Args:
        degrees: degrees of freedom, at least 1.
        level: strictly between 0 and 1.

    Raises:
        TypeError, ValueError: naming the argument.

    Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4, inverted by bisection.
    """
    degrees = _validate.integer("degrees", degrees, 1)
    if isinstance(level, bool) or not isinstance(level, int | float):
        raise TypeError(f"level must be a number between 0 and 1, got {level!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must be strictly between 0 and 1, got {level!r}")
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _inside(middle, degrees) < level else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def _inside(angle: float, degrees: int) -> float:
    """P(|T| <= √degrees · tan(angle))."""
    odd = degrees % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for j in range(2 + odd, degrees + 1, 2):
        total += term
        term *= (j - 1) / j * math.cos(angle) ** 2
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total
