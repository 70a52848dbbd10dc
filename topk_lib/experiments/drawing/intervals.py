"""Intervals about zero: the forest plot and the marks that all figures of gains share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from ..statistics import MeanCI
from . import style
from .plane import Scale, minus
from .sheet import Sheet
from .style import Look

VERDICTS = {"gain": (2, "^"), "loss": (1, "v"), "open": (None, "o")}  # place of the colour, and marker


class Interval(NamedTuple):
    """A mean and the two ends of its interval, as `MeanCI` has them; NaN where one run tells nothing about them."""

    mean: float
    low: float
    high: float
    verdict = MeanCI.verdict

    def __str__(self) -> str:
        return minus(f"{self.mean:+.2f}  [{self.low:+.2f}, {self.high:+.2f}]")


HasInterval = MeanCI | Interval


def points_scale(intervals: Iterable[HasInterval], most: int) -> Scale:
    """A scale in points that holds every interval and zero, with at most so many round steps."""
    known = [v for i in intervals for v in (i.low, i.mean, i.high) if not math.isnan(v)]
    low, high = min(0.0, *known), max(0.0, *known)
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
    step = next(step for step in steps if (high - low) / step <= most or step == steps[-1])
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    high += step * (low == high)
    ticks = [round(tick, 9) + 0.0 for tick in np.arange(low, high + step / 2, step)]
    return Scale(low, high, ticks, label=lambda points: f"{points:+g}" if points else "0")


def bar(
    sheet: Sheet, start: tuple[float, float], end: tuple[float, float], color: str, width: float = 2.5, cap: float = 4
) -> None:
    """The bar of an interval, upright or level, with a cap across each end; nothing where an end is NaN."""
    (x0, y0), (x1, y1) = start, end
    if math.isnan(x0 + y0 + x1 + y1):
        return
    sheet.line(start, end, color, width)
    across, along = (cap, 0) if x0 == x1 else (0, cap)
    for x, y in (start, end):
        sheet.line((x - across, y - along), (x + across, y + along), color, 2)


class Forest:
    """A column of intervals about a line at zero, each with its value written at the right.

    Values are bold where the interval lies on one side of zero.

    Args:
        sheet: what to draw on.
        top, width, bottom: the height of the head, the length of the scale, and the height of its foot.
        scale: of all intervals; ticks stand below.
        x: the left end of the scale.
        title: stands above.
        twice: whether ticks stand above, too, for a long column.
    """

    def __init__(
        self,
        sheet: Sheet,
        top: float,
        width: float,
        bottom: float,
        scale: Scale,
        x: float,
        title: str = "",
        twice: bool = False,
    ) -> None:
        self.sheet, self.x, self.width, self.scale = sheet, x, width, scale
        sheet.text(x, top - (44 if twice else 16), title, style.LARGE, align="left", bold=True)
        for value in scale.ticks:
            zero = value == 0
            color = sheet.colors.ink if zero else sheet.colors.rule
            sheet.line((self.at(value), top), (self.at(value), bottom), color, 1.5 if zero else 0.7)
            for y in (top - 14, bottom + 16) if twice else (bottom + 16,):
                sheet.text(self.at(value), y, minus(scale.label(value)), style.SMALL)

    def at(self, value: float) -> float:
        """Where on the sheet a value lies."""
        return self.x + self.width * float(self.scale.fraction(value))

    def draw(
        self,
        y: float,
        interval: HasInterval,
        look: Look | None = None,
        write: Callable[[HasInterval], str] = str,
        size: float = 12,
        cap: float = 4,
        width: float = 2.5,
    ) -> None:
        """One interval on a line at height y.

        By default it is a filled triangle, upwards for a gain and downwards for a loss, or a grey ring.
        """
        sheet, mean, clear = self.sheet, [self.at(interval.mean)], interval.verdict != "open"
        place, marker = VERDICTS[interval.verdict]
        color = sheet.colors.muted if place is None else sheet.colors.series[place]
        if look is not None:
            _, color, _, marker = look
        bar(sheet, (self.at(interval.low), y), (self.at(interval.high), y), color, width, cap)
        sheet.dots(mean, y, color, marker, size)
        if look is None and not clear:
            sheet.dots(mean, y, sheet.colors.paper, marker, size - 5)
        sheet.text(self.x + self.width + 10, y, write(interval), style.SMALL, align="left", bold=clear)
