"""Letters as outlines, kept per character: a heat map's hundred numbers cost as much as one patch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from .style import FONT

HALF_CAPITAL = 0.365  # half the height of a capital letter, in units of the letter size


@lru_cache(maxsize=4096)
def outline(text: str, bold: bool = False) -> tuple[np.ndarray, np.ndarray, float]:
    """Outline of a line of text at letter size 1, its baseline beginning at (0, 0), y upwards.

    Returns:
        Vertices (N, 2), matplotlib path codes (N,), and the width.
    """
    vertices, codes, x = [np.empty((0, 2))], [np.empty(0, Path.code_type)], 0.0
    for character in text:
        corners, kinds, advance = _glyph(character, bold)
        vertices.append(corners + np.array((x, 0)))
        codes.append(kinds)
        x += advance
    return np.concatenate(vertices), np.concatenate(codes), x


def fitting_size(texts: Iterable[str], room: float, size: float, bold: bool = False) -> float:
    """The letter size at which every text fits into `room`: at most `size`, at least 60 % of it."""
    widest = max((width(text, bold) for text in texts), default=0.0)
    return size if widest * size <= room else max(room / widest, 0.6 * size)


def width(text: str, bold: bool = False) -> float:
    """Width of a line of text at letter size 1."""
    return sum(_glyph(character, bold)[2] for character in text)


@lru_cache(maxsize=1024)
def _glyph(character: str, bold: bool) -> tuple[np.ndarray, np.ndarray, float]:
    # A bar behind the character shows how far it reaches; a space has no outline of its own.
    advance = _path(f"{character}|", bold).get_extents().x1 - _path("|", bold).get_extents().x1
    if character.isspace():
        return np.empty((0, 2)), np.empty(0, Path.code_type), advance
    path = _path(character, bold)
    return path.vertices, path.codes, advance


def _path(text: str, bold: bool) -> TextPath:
    return TextPath((0, 0), text, size=1, prop=FontProperties(family=FONT, weight="bold" if bold else "normal"))
