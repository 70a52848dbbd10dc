"""A figure as one sheet of paper, measured in pixels from the top left corner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox
from matplotlib.typing import LineStyleType

from . import lettering, style

Numbers = Sequence[float] | np.ndarray
ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}
RECTANGLE = np.array([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], Path.code_type)


class Sheet:
    """Draws boxes, lines, dots, images and text; `figure` finishes it.

    To matplotlib every pair of axes costs tens of milliseconds, and every text object one or two. A sheet has
    no axes, and all letters of a colour, all boxes and all lines of a kind are one artist each. That keeps a
    slider's answer under 50 ms.

    Args:
        width, height: in figure pixels; made even, so that the image has whole pixels.
        theme: "light" or "dark".
        scale: image pixels per figure pixel.
    """

    def __init__(self, width: float, height: float, theme: str = "light", scale: float = style.SCALE) -> None:
        width, height = round(width), round(height)
        self.width, self.height = width + width % 2, height + height % 2
        self.theme, self.colors = theme, style.theme_colors(theme)
        self._figure = style.new_figure(self.width, self.height, theme, scale)
        to_inches = Affine2D().translate(0, -self.height).scale(0.01, -0.01)
        self._transform = to_inches + self._figure.dpi_scale_trans
        self._fills: dict[str, list] = defaultdict(list)
        self._letters: dict[str, list] = defaultdict(list)
        self._strokes: dict[tuple[str, float, LineStyleType], list] = defaultdict(list)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = style.NORMAL,
        color: str | None = None,
        align: str = "center",
        bold: bool = False,
        upwards: bool = False,
    ) -> None:
        """Writes one line whose capitals are centred on height y, or on x where it runs upwards."""
        corners, codes, width = lettering.outline(text, bold)
        corners = size * (corners - (ALIGN[align] * width, lettering.HALF_CAPITAL))
        corners = -corners[:, ::-1] if upwards else corners * (1, -1)
        self._letters[color or self.colors.ink].append((corners + np.array((x, y)), codes))

    def note(self, x: float, y: float, text: str, align: str = "left") -> None:
        """A small grey line of text."""
        self.text(x, y, text, style.SMALL, self.colors.muted, align)

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """A filled rectangle with its top left corner at (x, y)."""
        self._fills[fill].append((_corners(x, y, width, height), RECTANGLE))

    def frame(
        self, x: float, y: float, width: float, height: float, color: str | None = None, thick: float = 1.0
    ) -> None:
        """The outline of a rectangle."""
        self._strokes[color or self.colors.rule, thick, "-"].append((_corners(x, y, width, height), RECTANGLE))

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        color: str | None = None,
        width: float = 1.0,
        dashes: LineStyleType = "-",
    ) -> None:
        """A straight line."""
        key = (color or self.colors.rule, width, dashes)
        self._strokes[key].append((np.array((start, end)), RECTANGLE[:2]))

    def path(self, xs: Numbers, ys: Numbers, color: str, width: float = 1.0, dashes: LineStyleType = "-") -> None:
        """A line through many points."""
        self._add(Line2D(xs, ys, color=color, linewidth=style.points(width), linestyle=dashes, zorder=2.5))

    def dots(self, xs: Numbers, ys: Numbers | float, color: str, marker: str = "o", size: float = 9.0) -> None:
        """Markers, `size` pixels wide, with a rim of the paper's colour where they overlap."""
        dots = Line2D(xs, np.broadcast_to(ys, np.shape(xs)), linestyle="none", color=color, marker=marker, zorder=3)
        dots.set(markersize=style.points(size), markeredgewidth=style.points(1), markeredgecolor=self.colors.paper)
        self._add(dots)

    def image(self, pixels: np.ndarray, x: float, y: float, width: float, height: float) -> None:
        """An image (rows, columns, 3), floats 0 to 1 or bytes, stretched to the rectangle with hard edges."""
        place = TransformedBbox(Bbox.from_bounds(x, y, width, height), self._transform)
        picture = BboxImage(place, interpolation="nearest", origin="upper", resample=False)
        picture.set_data(pixels)
        self._figure.add_artist(picture)

    def figure(self) -> Figure:
        """The finished figure."""
        for layer, shapes in ((1, self._fills), (4, self._letters)):
            for color, pieces in shapes.items():
                self._add(PathPatch(_joined(pieces), facecolor=color, linewidth=0, zorder=layer))
        for (color, width, dashes), pieces in self._strokes.items():
            look = {"linewidth": style.points(width), "linestyle": dashes}
            self._add(PathPatch(_joined(pieces), facecolor="none", edgecolor=color, zorder=2, **look))
        for pieces in (self._fills, self._strokes, self._letters):
            pieces.clear()
        return self._figure

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._transform)
        self._figure.add_artist(artist)


def _corners(x: float, y: float, width: float, height: float) -> np.ndarray:
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)], float)


def _joined(pieces: Sequence[tuple[np.ndarray, np.ndarray]]) -> Path:
    vertices, codes = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return Path(vertices, codes)
