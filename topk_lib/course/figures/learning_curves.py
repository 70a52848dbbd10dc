"""Recorded runs side by side: the figure that the training program writes, in either theme."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from ...experiments.commands.compare import Record
from ...experiments.drawing import style
from ...experiments.drawing.comparison import comparison_figure


@style.locked
def learning_curves(records: Mapping[str, Record], theme: str = "light") -> tuple[Figure, str]:
    """Top-1 and top-5 while learning, and the final accuracies with their standard errors.

    Args:
        records: contents of result.json by name ("ce" and "topk" are spelled out); up to four runs on the same
            data.
        theme: "light" or "dark".

    Returns:
        The figure and a caption with the final accuracies, as of `comparison_figure`.

    Raises:
        ValueError: there are no records, or more than four.
    """
    if not 1 <= len(records) <= 4:
        raise ValueError(f"records must hold one to four runs, got {len(records)}")
    figure, caption = comparison_figure(records)
    if theme != "light":
        repaint(figure, theme)
    return figure, caption


def repaint(figure: Figure, theme: str) -> None:
    """Turns a light figure into one of the theme: greys are mirrored, and dark blue becomes sky blue."""
    paper = style.theme_colors(theme).paper
    # Figures and axes have no colour but that of their patch, which is found too.
    artists = [artist for artist in figure.findobj() if not isinstance(artist, FigureBase | Axes)]
    artists += [artist.arrow_patch for artist in artists if isinstance(artist, Annotation) and artist.arrow_patch]
    for artist in {id(artist): artist for artist in artists}.values():
        _repaint(artist, paper)


def _repaint(artist: Artist, paper: str) -> None:
    parts = ["facecolor", "edgecolor"] if hasattr(artist, "get_facecolor") else ["color"]
    if isinstance(artist, Line2D):
        parts += ["markerfacecolor", "markeredgecolor"]
    # All are read before any is set: a marker's colour may follow that of its line.
    found = {part: to_rgba_array(getattr(artist, f"get_{part}")()) for part in parts if hasattr(artist, f"get_{part}")}
    for part, colors in found.items():
        new = [_mirrored(color, paper) for color in colors]
        if new:
            getattr(artist, f"set_{part}")(new[0] if len(new) == 1 else new)


def _mirrored(color: tuple[float, float, float, float], paper: str) -> tuple[float, ...]:
    red, green, blue, alpha = color
    if red == green == blue:
        dark = to_rgba_array(paper)[0][0]
        return (*([dark + (1 - dark) * (1 - red)] * 3), alpha)
    if tuple(color) == tuple(to_rgba_array(style.BLUE)[0]):
        return tuple(to_rgba_array(style.SKY)[0])
    return tuple(color)
