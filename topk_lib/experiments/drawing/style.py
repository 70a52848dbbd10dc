"""The look that all figures share: two themes, colours that colour-blind readers tell apart, one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from ... import _validate
from ...losses import LOSSES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS
from .png_file import encode_png, smaller

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LOCK = threading.RLock()
"""Held by whatever draws: slider callbacks may run in another thread, and matplotlib is not made for that."""

SCALE = 1.5
"""Image pixels per figure pixel: figures are laid out in pixels of an ordinary screen and drawn finer."""

HEAT = "cividis"
FONT = "DejaVu Sans"  # comes with matplotlib, so figures look the same everywhere
SMALL, NORMAL, LARGE = 12, 14, 16  # in figure pixels
PAGE_WIDTH = 960

# Okabe and Ito, "Color Universal Design" (2008). On white paper three of them are too pale for a line and give way
# to BROWN, STEEL and MUSTARD. What follows the eight was searched to be as far from them, for every kind of eye, as
# can be. Never alone: line style and marker go with each.
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
BROWN, STEEL, MUSTARD = "#8C581C", "#6699CC", "#A69542"
MORE_ON_WHITE = ("#8007ed", "#4b0f54", "#19078b", "#591809")
MORE_ON_BLACK = ("#880bff", "#a9f480", "#6cfdb2", "#b40d98")
DASHES: tuple[LineStyleType, ...] = (
    *("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)), (0, (4, 1, 1, 1))),
    *((0, (3, 3)), (0, (10, 2, 2, 2)), (0, (2, 4)), (0, (6, 2, 6, 2, 1, 2))),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "p", "h", "<", ">")

FIRST = ("ce", "topk", "splitter_selection", "neuralsort", "softsort", "odd_even", "bitonic", "sinkhorn")
"""Losses and sorters whose colour, dashes and marker are those of their place here; other sorters follow them."""


def methods() -> list[str]:
    """The keys of what has a look of its own beside each other: two losses and every registered sorter."""
    return [*FIRST, *(key for key in SORTERS if key not in FIRST)]


def in_words(name: str) -> str:
    """A sorter, a loss or a distribution as its registry calls it, by its key; any other name as it is."""
    registry = next((registry for registry in (SORTERS, LOSSES, SIGMOIDS) if name in registry), None)
    return name if registry is None else registry.display_name(name)


class Look(NamedTuple):
    """How one thing looks in every figure: its name and colour, its line's dashes, its marker ("" for none)."""

    name: str
    color: str
    dashes: LineStyleType = "-"
    marker: str = ""


@dataclass(frozen=True)
class Theme:
    """Colours of one theme.

    Attributes:
        paper, ink: background and text.
        muted: text of second rank, still at a contrast of 4.5.
        rule: thin lines.
        series: twelve colours for curves and bars.
    """

    paper: str
    ink: str
    muted: str
    rule: str
    series: tuple[str, ...]


THEMES: dict[str, Theme] = {
    "light": Theme(
        *("#ffffff", "#1a1a1a", "#5a5a5a", "#c4c4c4"),
        (BLUE, VERMILLION, GREEN, PURPLE, BROWN, BLACK, STEEL, MUSTARD, *MORE_ON_WHITE),
    ),
    "dark": Theme(
        *("#111111", "#f2f2f2", "#b4b4b4", "#4d4d4d"),
        (SKY, VERMILLION, GREEN, PURPLE, ORANGE, "#ffffff", "#4a90d9", YELLOW, *MORE_ON_BLACK),
    ),
}


def theme_colors(theme: str) -> Theme:
    """The colours of a theme.

    Raises:
        ValueError: theme is neither "light" nor "dark".
    """
    return THEMES[_validate.choice("theme", theme, THEMES)]


def look(theme: str, key: str) -> Look:
    """The look of a sorter, of a loss or of a distribution, by its key; distributions stand beside no methods."""
    keys = methods() if key in methods() else list(SIGMOIDS)
    return numbered_look(theme, in_words(key), keys.index(key))


def looks(theme: str, names: Iterable[str]) -> dict[str, Look]:
    """A look for each of up to twelve names: methods have their own, others the first that are free.

    Args:
        theme: "light" or "dark".
        names: keys of `methods`, names as figures write them, or any other words.
    """
    known = list(map(in_words, methods()))
    shown = {name: in_words(name) for name in names}
    places = {words: known.index(words) for words in shown.values() if words in known}
    free = iter(sorted(set(range(len(MARKERS))) - set(places.values())))
    return {
        name: numbered_look(theme, words, places[words] if words in places else next(free, len(MARKERS) - 1))
        for name, words in shown.items()
    }


def numbered_look(theme: str, name: str, i: int) -> Look:
    """A look for things that have none of their own, such as ranks, by their place."""
    i %= len(MARKERS)
    return Look(name, theme_colors(theme).series[i], DASHES[i], MARKERS[i])


def locked(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Decorator of functions that draw: one at a time in the whole process."""

    @wraps(draw)
    def one_at_a_time(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with LOCK:
            return draw(*args, **kwargs)

    return one_at_a_time


def new_figure(width: int, height: int, theme: str = "light", scale: float = SCALE) -> Figure:
    """An empty figure of a fixed size, in figure pixels, that pyplot does not know of; scale is as `SCALE`."""
    # A hair more than asked: some versions of matplotlib cut 902.9999 pixels down to 902.
    inches = (width / 100 + 1e-9, height / 100 + 1e-9)
    figure = Figure(figsize=inches, dpi=100 * scale, facecolor=theme_colors(theme).paper)
    FigureCanvasAgg(figure)
    return figure


def size(figure: Figure) -> tuple[int, int]:
    """Width and height in figure pixels: the size at which a page should show the image."""
    width, height = figure.get_size_inches()
    return round(100 * width), round(100 * height)


def show(figure_and_caption: tuple[Figure, str]) -> None:
    """Display an image and, below it, its caption: two outputs, of which nbval compares the second.

    The caption also travels as the image's alternative text, which nbconvert writes into HTML and slides.

    Args:
        figure_and_caption: what any function of `topk_lib.course.figures` returned.
    """
    from IPython.display import display

    figure, caption = figure_and_caption
    width, height = size(figure)
    shrink = min(1, PAGE_WIDTH / width)
    metadata = {"width": round(width * shrink), "height": round(height * shrink), "alt": caption}
    display({"image/png": smaller(png(figure))}, raw=True, metadata={"image/png": metadata})
    display({"text/markdown": caption}, raw=True)


def points(pixels: float) -> float:
    """A length of figure pixels in matplotlib's unit for fonts and lines."""
    return 0.72 * pixels


@locked
def png(figure: Figure) -> bytes:
    """The figure as an encoded image, SCALE times its size; nothing in it depends on the user's settings."""
    figure.canvas.draw()
    pixels = figure.canvas.buffer_rgba()  # pyright: ignore[reportAttributeAccessIssue]  # `new_figure` has it drawn by Agg
    return encode_png(np.asarray(pixels))


def heat(values: np.ndarray) -> np.ndarray:
    """Colours (..., 3), 0 to 1, of numbers between 0 and 1 on the heat scale."""
    return colormaps[HEAT](np.clip(values, 0, 1))[..., :3]


def on(colors: np.ndarray) -> np.ndarray:
    """White or black for each of the colours (..., 3): whichever letters read better on it."""
    return np.where(reads_dark(colors), "#ffffff", "#000000")


def rgb(color: str) -> np.ndarray:
    """A colour such as "#0072b2" as three numbers from 0 to 1."""
    return np.array(to_rgb(color))


def reads_dark(colors: np.ndarray) -> np.ndarray:
    """Whether white letters have more contrast than black ones on colours (..., 3), by relative luminance."""
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return (luminance + 0.05) ** 2 < 1.05 * 0.05
