"""How synthetic100 turns a hue, a morph and a random scene into pixels.

Its twenty motifs are ten look-alike pairs, each a field that morphs from one to the other. A field takes coordinates u
(right) and v (up) of any shape, in units of the motif's radius, and the morph t in [0, 1] that broadcasts against them;
t = 0 is the pure first motif, t = 1 the pure second. It is negative inside the motif, positive outside, and near the
edge roughly the distance to it in the same units, so that smooth edges can be drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Field = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

SIDE = 32
NOISE = 4.0  # standard deviation of the pixel noise, in steps of 1/255

_OKLAB_TO_LMS = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def oklch_to_srgb(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """Colours (N, 3) in 0..255 from OKLCH lightness (0..1), chroma and hue (degrees), clipped to sRGB."""
    angle = np.radians(hue)
    lab = np.stack(np.broadcast_arrays(lightness, chroma * np.cos(angle), chroma * np.sin(angle)), axis=-1)
    linear = np.clip(_times(_LMS_TO_RGB, _times(_OKLAB_TO_LMS, lab) ** 3), 0, 1)
    gamma = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (255 * gamma).astype(np.float32)


def _times(matrix: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    # Not matmul, whose rounding may depend on how many vectors there are.
    return (matrix * vectors[..., None, :]).sum(-1)


class Scene(NamedTuple):
    """Everything in N images that says nothing about the class: one row per image, float32."""

    center: np.ndarray  # (N, 2), x right and y up, the image being [-1, 1] wide
    radius: np.ndarray  # (N,)
    tilt: np.ndarray  # (N,) radians
    lightness: np.ndarray  # (N,) OKLCH lightness of the motif
    chroma: np.ndarray  # (N,)
    light: np.ndarray  # (N, 2) direction and strength of the shading
    ground: np.ndarray  # (N, 2, 3) colours 0..255 at the two ends of the background
    slope: np.ndarray  # (N, 2) direction of the background's gradient


def random_scene(rng: np.random.Generator, count: int) -> Scene:
    """Draw ``count`` scenes."""
    turn = rng.uniform(0, 2 * np.pi, (2, count))
    dark = rng.uniform(0.20, 0.34, count)
    ends = dark[:, None] + rng.uniform(-0.07, 0.16, (count, 2))
    ground = oklch_to_srgb(ends, rng.uniform(0, 0.04, (count, 1)), rng.uniform(0, 360, (count, 1)))
    fields = (
        rng.uniform(-0.16, 0.16, (count, 2)),
        rng.uniform(0.60, 0.76, count),
        rng.uniform(-0.26, 0.26, count),
        rng.uniform(0.70, 0.77, count),
        rng.uniform(0.105, 0.125, count),
        0.16 * np.stack([np.cos(turn[0]), np.sin(turn[0])], -1),
        ground,
        np.stack([np.cos(turn[1]), np.sin(turn[1])], -1),
    )
    return Scene(*(field.astype(np.float32) for field in fields))


def render(field: Field, morph: np.ndarray, hue: np.ndarray, scene: Scene, noise: np.ndarray) -> np.ndarray:
    """Draw N images of one pair of motifs.

    Args:
        field: the pair's field.
        morph, hue: (N,), from 0 to 1 and in degrees.
        scene: N rows.
        noise: (N, 3, 32, 32), added to values of 0..255.

    Returns:
        (N, 3, 32, 32) uint8.
    """
    steps = ((np.arange(SIDE) + 0.5) * 2 / SIDE - 1).astype(np.float32)
    x, y = steps[None, None, :], -steps[None, :, None]
    u, v = _motif_coordinates(x, y, scene)
    distance = field(u, v, _column(morph))
    pixels = SIDE / 2 * _column(scene.radius)
    cover = np.clip(0.5 - distance * pixels, 0, 1)[:, None]
    shade = 1 + _column(scene.light[:, 0]) * u + _column(scene.light[:, 1]) * v
    color = oklch_to_srgb(scene.lightness, scene.chroma, hue)[:, :, None, None] * np.clip(shade, 0.75, 1.25)[:, None]
    image = _background(x, y, scene)
    image += cover * (color - image)
    image += noise
    return np.clip(image + 0.5, 0, 255, out=image).astype(np.uint8)


def _motif_coordinates(x, y, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    cos, sin = _column(np.cos(scene.tilt) / scene.radius), _column(np.sin(scene.tilt) / scene.radius)
    dx, dy = x - _column(scene.center[:, 0]), y - _column(scene.center[:, 1])
    return cos * dx + sin * dy, cos * dy - sin * dx


def _background(x, y, scene: Scene) -> np.ndarray:
    ramp = 0.5 + 0.35 * (_column(scene.slope[:, 0]) * x + _column(scene.slope[:, 1]) * y)
    start, end = scene.ground[:, 0, :, None, None], scene.ground[:, 1, :, None, None]
    return start + ramp[:, None] * (end - start)


def _column(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)[:, None, None]


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
