"""The look that all figures share: two themes, colours that colour-blind readers tell apart, one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ... import _validate
from .png_file import encode_png

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LOCK = threading.RLock()
"""Held by whatever draws: slider callbacks may run in another thread, and matplotlib is not made for that."""

SCALE = 1.5
"""Image pixels per figure pixel: figures are laid out in pixels of an ordinary screen and drawn finer."""

HEAT = "cividis"
FONT = "DejaVu Sans"  # comes with matplotlib, so figures look the same everywhere
SMALL, NORMAL, LARGE = 12, 14, 16  # in figure pixels

# Okabe and Ito, "Color Universal Design" (2008). On white paper three of them are too pale for a line and give way
# to BROWN, STEEL and MUSTARD. Never alone: line style and marker go with each.
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
BROWN, STEEL, MUSTARD = "#8C581C", "#6699CC", "#A69542"
DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)), (0, (4, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


@dataclass(frozen=True)
class Theme:
    """Colours of one theme.

    Attributes:
        paper, ink: background and text.
        muted: text of second rank, still at a contrast of 4.5.
        rule: thin lines.
        series: eight colours for curves and bars.
    """

    paper: str
    ink: str
    muted: str
    rule: str
    series: tuple[str, ...]


THEMES: dict[str, Theme] = {
    "light": Theme(
        *("#ffffff", "#1a1a1a", "#5a5a5a", "#c4c4c4"),
        (BLUE, VERMILLION, GREEN, PURPLE, BROWN, BLACK, STEEL, MUSTARD),
    ),
    "dark": Theme(
        *("#111111", "#f2f2f2", "#b4b4b4", "#4d4d4d"),
        (SKY, VERMILLION, GREEN, PURPLE, ORANGE, "#ffffff", "#4a90d9", YELLOW),
    ),
}


def theme_colors(theme: str) -> Theme:
    """The colours of a theme.

    Raises:
        ValueError: theme is neither "light" nor "dark".
    """
    return THEMES[_validate.choice("theme", theme, THEMES)]


def locked(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Decorator of functions that draw: one at a time in the whole process."""

    @wraps(draw)
    def one_at_a_time(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with LOCK:
            return draw(*args, **kwargs)

    return one_at_a_time


def new_figure(width: int, height: int, theme: str = "light") -> Figure:
    """An empty figure of a fixed size, in figure pixels, that pyplot does not know of."""
    # A hair more than asked: some versions of matplotlib cut 902.9999 pixels down to 902.
    inches = (width / 100 + 1e-9, height / 100 + 1e-9)
    figure = Figure(figsize=inches, dpi=100 * SCALE, facecolor=theme_colors(theme).paper)
    FigureCanvasAgg(figure)
    return figure


def size(figure: Figure) -> tuple[int, int]:
    """Width and height in figure pixels: the size at which a page should show the image."""
    width, height = figure.get_size_inches()
    return round(100 * width), round(100 * height)


def points(pixels: float) -> float:
    """A length of figure pixels in matplotlib's unit for fonts and lines."""
    return 0.72 * pixels


@locked
def png(figure: Figure) -> bytes:
    """The figure as an encoded image, SCALE times its size; nothing in it depends on the user's settings."""
    figure.canvas.draw()
    return encode_png(np.asarray(figure.canvas.buffer_rgba()))


def dress(axes: Axes, theme: str, xlabel: str = "", ylabel: str = "", title: str = "") -> None:
    """Gives ordinary axes the colours and letter sizes of the theme, a light grid and no box."""
    look = theme_colors(theme)
    axes.set_facecolor(look.paper)
    axes.grid(True, color=look.rule, linewidth=points(1), alpha=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(look.muted)
    axes.tick_params(colors=look.muted, labelcolor=look.ink, labelsize=points(SMALL))
    axes.set_xlabel(xlabel, color=look.ink, fontsize=points(NORMAL))
    axes.set_ylabel(ylabel, color=look.ink, fontsize=points(NORMAL))
    axes.set_title(title, color=look.ink, fontsize=points(LARGE), loc="left")
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontfamily(FONT)


def legend(axes: Axes, theme: str, beside: bool = False) -> None:
    """A legend without a box, in the axes' emptiest corner or beside them on the right."""
    place = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if beside else {"loc": "best"}
    labelcolor = theme_colors(theme).ink
    axes.legend(frameon=False, fontsize=points(NORMAL), labelcolor=labelcolor, handlelength=3, **place)


def heat(values: np.ndarray) -> np.ndarray:
    """Colours (..., 3), 0 to 1, of numbers between 0 and 1 on the heat scale."""
    return colormaps[HEAT](np.clip(values, 0, 1))[..., :3]


def reads_dark(colors: np.ndarray) -> np.ndarray:
    """Whether white letters have more contrast than black ones on colours (..., 3), by relative luminance."""
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return (luminance + 0.05) ** 2 < 1.05 * 0.05
