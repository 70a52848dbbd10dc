"""The twenty motifs of synthetic100: ten look-alike pairs, each a field that morphs from one to the other.

A field takes coordinates u (right) and v (up) of any shape, in units of the motif's radius, and the morph t
in [0, 1] that broadcasts against them. It is negative inside the motif, positive outside, and near the edge
roughly the distance to it in the same units, so that a renderer can draw smooth edges. t = 0 is the pure
first motif of the pair, t = 1 the pure second.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Field = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _disc_ring(u, v, t):
    r = np.hypot(u, v)
    return np.maximum(r - 0.95, 0.6 * t - r)


def _square_diamond(u, v, t):
    u, v = np.abs(u), np.abs(v)
    return _mix(np.maximum(u, v) - 0.8, (u + v) * 0.7071 - 0.74, t)


def _triangle_heart(u, v, t):
    x = np.abs(u)
    triangle = np.maximum(v, 0.866 * x - 0.5 * v) - 0.55
    heart = np.hypot(x, v + 0.15 - 0.62 * np.sqrt(x)) - 0.82
    return _mix(triangle, heart, t)


def _cross_flower(u, v, t):
    near, far = np.minimum(np.abs(u), np.abs(v)), np.maximum(np.abs(u), np.abs(v))
    cross = np.maximum(far - 0.98, near - 0.26)
    petals = np.maximum(np.hypot(far - 0.54, near) - 0.46, 0.2 - np.hypot(u, v))
    return _mix(cross, petals, t)


def _star_pentagon(u, v, t):
    fifth = np.float32(2 * np.pi / 5)
    angle = np.arctan2(u, v)
    angle = np.abs(angle - fifth * np.round(angle / fifth))
    r = np.hypot(u, v)
    # One straight edge from the tip (1, 0) to the inner corner at half a fifth of a turn.
    inner = 0.42 + 0.389 * t
    x, y = inner * 0.809 - 1, inner * 0.5878
    return (y * (r * np.cos(angle) - 1) - x * r * np.sin(angle)) / np.hypot(x, y)


def _crescent_halfmoon(u, v, t):
    bite = 0.72 - np.hypot(u - 0.42, v)
    return np.maximum(np.hypot(u, v) - 0.95, _mix(bite, u - 0.1, t))


def _arrow_house(u, v, t):
    x = np.abs(u)
    roof = np.maximum(0.1 - v, 0.7071 * (x + v) - 0.72)
    stem = np.maximum(x - 0.2 - 0.39 * t, np.abs(v + 0.3) - 0.65)
    return np.minimum(roof, stem)


def _stripes_waves(u, v, t):
    return np.sin(5.2 * v + 2.2 * t * np.sin(3.2 * u)) / 5.2


def _chequer_dots(u, v, t):
    x, y = np.sin(3.4 * u), np.sin(3.4 * v)
    dots = 0.5 - 1.1 * (x * y) ** 2
    return _mix(x * y / 3.4, dots / 3.4, t)


def _target_spiral(u, v, t):
    r = np.hypot(u, v)
    coil = _mix(np.cos(8.5 * r), np.cos(8.5 * r + np.arctan2(v, u)), t)
    return np.maximum(r - 1.12, -coil / 8.5)


def _mix(a, b, t):
    return a + t * (b - a)


PAIRS: tuple[tuple[str, str, Field], ...] = (
    ("disc", "ring", _disc_ring),
    ("square", "diamond", _square_diamond),
    ("triangle", "heart", _triangle_heart),
    ("cross", "flower", _cross_flower),
    ("star", "pentagon", _star_pentagon),
    ("crescent", "half-moon", _crescent_halfmoon),
    ("arrow", "house", _arrow_house),
    ("stripes", "waves", _stripes_waves),
    ("chequer", "dots", _chequer_dots),
    ("target", "spiral", _target_spiral),
)
