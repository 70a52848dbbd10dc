"""A pair of axes on a sheet, for curves that are redrawn while they grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from . import style
from .sheet import Sheet


class Chart:
    """Two linear scales from zero, with ticks, a light grid and a title.

    Args:
        sheet: what to draw on.
        x, y, width, height: the rectangle inside the scales, its top left corner first.
        right, top: values at the far ends of the scales; both begin at 0.
        title: stands above.
        xlabel: stands below.
        label: writes a number of the vertical scale.
    """

    def __init__(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        width: float,
        height: float,
        right: float,
        top: float,
        title: str,
        xlabel: str,
        label: Callable[[float], str] = "{:g}".format,
    ) -> None:
        self.sheet, self.x, self.y, self.width, self.height = sheet, x, y, width, height
        self.right, self.top = right, top
        bottom, muted = y + height, sheet.colors.muted
        sheet.text(x, y - 22, title, style.LARGE, align="left", bold=True)
        sheet.text(x + width / 2, bottom + 38, xlabel, style.SMALL, muted)
        for value in MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]).tick_values(0, right):
            if 0 <= value <= right:
                at, _ = self.place(value, 0)
                sheet.line((at, bottom), (at, bottom + 5), muted)
                sheet.text(at, bottom + 17, f"{value:g}", style.SMALL)
        for value in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(0, top):
            if 0 <= value <= top:
                _, at = self.place(0, value)
                sheet.line((x, at), (x + width, at), width=0.7)
                sheet.text(x - 6, at, label(value), style.SMALL, align="right")

    def place(self, a: float | np.ndarray, b: float | np.ndarray) -> tuple:
        """Where on the sheet the point (a, b) lies."""
        return self.x + a / self.right * self.width, self.y + (1 - b / self.top) * self.height

    def curve(
        self,
        a: Sequence[float],
        b: Sequence[float],
        color: str,
        dashes: object = "-",
        width: float = 2.5,
        marker: str = "",
    ) -> None:
        """A line through points, with markers where one is named; what lies above the scale is cut off."""
        xs, ys = self.place(np.asarray(a, float), np.minimum(np.asarray(b, float), self.top))
        self.sheet.path(xs, ys, color, width, dashes)
        if marker:
            self.sheet.dots(xs, ys, color, marker)
