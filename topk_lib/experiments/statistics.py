"""Means over seeds, with their intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from .student_t import t_quantile


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
