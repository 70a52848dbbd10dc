"""Student's t, for error bars over a handful of seeds."""

from __future__ import annotations

import math

from .. import _validate


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
