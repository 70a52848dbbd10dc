"""How synthetic100 turns a hue, a morph and a random scene into pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .motifs import Field

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
