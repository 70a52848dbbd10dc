"""A pair of axes on a sheet whose scales may be logarithmic, and a legend of line samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from . import lettering, style
from .sheet import Sheet

SAMPLE, GAP = 34, 18  # length of a legend's line sample, distance to the next entry


@dataclass(frozen=True)
class Scale:
    """One axis.

    Attributes:
        low, high: values at its ends.
        ticks: values that are marked and written.
        log: whether equal steps are equal factors.
        label: writes a tick's value.
    """

    low: float
    high: float
    ticks: Sequence[float]
    log: bool = False
    label: Callable[[float], str] = "{:g}".format

    def fraction(self, values: Sequence[float] | float) -> np.ndarray:
        """How far along the axis values lie, 0 to 1 within it; a logarithmic axis begins with what is positive."""
        values = np.asarray(values, float)
        if not self.log:
            return (values - self.low) / (self.high - self.low)
        return np.log(np.maximum(values, 1e-300) / self.low) / np.log(self.high / self.low)


def from_zero(high: float, whole: bool = False, label: Callable[[float], str] = "{:g}".format) -> Scale:
    """A linear scale from zero with about five round ticks; only whole ones if asked."""
    ticks = MaxNLocator(5, integer=whole, steps=[1, 2, 5, 10]).tick_values(0, high)
    return Scale(0, high, [tick for tick in ticks if 0 <= tick <= high], label=label)


class Plane:
    """Two scales with ticks, a light grid and a title.

    Args:
        sheet: what to draw on.
        x, y, width, height: the rectangle inside the scales, its top left corner first.
        across, up: the two scales.
        title: stands above.
        xlabel: stands below.
    """

    def __init__(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        width: float,
        height: float,
        across: Scale,
        up: Scale,
        title: str,
        xlabel: str,
    ) -> None:
        self.sheet, self.x, self.y, self.width, self.height = sheet, x, y, width, height
        self.across, self.up = across, up
        bottom, muted = y + height, sheet.colors.muted
        sheet.text(x, y - 20, title, style.LARGE, align="left", bold=True)
        sheet.text(x + width / 2, bottom + 37, xlabel, style.SMALL, muted)
        sheet.line((x, bottom), (x + width, bottom), muted)
        for value in across.ticks:
            at, _ = self.place(value, up.low)
            sheet.line((at, bottom), (at, bottom + 5), muted)
            sheet.text(at, bottom + 17, _minus(across.label(value)), style.SMALL)
        for value in up.ticks:
            _, at = self.place(across.low, value)
            sheet.line((x, at), (x + width, at), width=0.7)
            sheet.text(x - 6, at, _minus(up.label(value)), style.SMALL, align="right")

    def place(self, a: Sequence[float] | float, b: Sequence[float] | float) -> tuple[np.ndarray, np.ndarray]:
        """Where on the sheet the points (a, b) lie."""
        return self.x + self.across.fraction(a) * self.width, self.y + (1 - self.up.fraction(b)) * self.height

    def curve(
        self,
        a: Sequence[float],
        b: Sequence[float],
        color: str,
        dashes: object = "-",
        width: float = 2.5,
    ) -> None:
        """A line through points from left to right; what lies above or below the plane is cut off."""
        xs, ys = self.place(a, b)
        outside = (ys < self.y - 1) | (ys > self.y + self.height + 1)
        if outside.any():
            fine = np.linspace(xs[0], xs[-1], 4 * round(self.width))
            xs, ys = fine, np.interp(fine, xs, ys)
            outside = (ys < self.y - 1) | (ys > self.y + self.height + 1)
        self.sheet.path(xs, np.where(outside, np.nan, ys), color, width, dashes)

    def dots(self, a: Sequence[float], b: Sequence[float], color: str, marker: str = "o", size: float = 9.0) -> None:
        """Markers, without a line; what lies above or below ends at the edge."""
        xs, ys = self.place(a, b)
        self.sheet.dots(xs, np.clip(ys, self.y, self.y + self.height), color, marker, size)

    def upright(self, a: float, dashes: str = ":", width: float = 1.5) -> None:
        """A vertical line through the whole plane."""
        x, _ = self.place(a, self.up.low)
        self.sheet.line((x, self.y), (x, self.y + self.height), self.sheet.colors.ink, width, dashes)

    def write(self, a: float, b: float, text: str, align: str = "left", above: float = 0, color: str = "") -> None:
        """Small letters at the point (a, b), or some pixels above it."""
        x, y = self.place(a, b)
        self.sheet.text(float(x), float(y) - above, text, style.SMALL, color or None, align)


def legend(sheet: Sheet, x: float, y: float, entries: Iterable[tuple[str, str, object, str]], down: float = 0) -> None:
    """Line samples with their names, in a row from (x, y), or below each other with steps of `down`.

    Args:
        sheet: what to draw on.
        x, y: left end of the first sample.
        entries: (name, color, dashes, marker or "") of every line.
        down: distance of the lines of a column; 0 for a row.
    """
    for name, color, dashes, marker in entries:
        sheet.path([x, x + SAMPLE], [y, y], color, 2.5, dashes)
        if marker:
            sheet.dots([x + SAMPLE / 2], [y], color, marker)
        sheet.text(x + SAMPLE + 6, y, name, style.SMALL, align="left")
        if down:
            y += down
        else:
            x += SAMPLE + 6 + lettering.width(name) * style.SMALL + GAP


def power_of_ten(value: float) -> str:
    """A tick of a long logarithmic axis: 0.01, 1 and 100 as they are, what lies beyond as a power of ten."""
    exponent = round(np.log10(value))
    if -4 < exponent < 4:
        return f"{value:g}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _minus(text: str) -> str:
    return text.replace("-", "−")
