"""A pair of axes on a sheet whose scales may be logarithmic, names at the ends of curves, and a legend of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import LineStyleType

from . import lettering, style
from .sheet import Numbers, Sheet
from .style import Look

SAMPLE, GAP = 34, 18  # length of a legend's line sample, distance to the next entry
LINE, ASIDE = 16, 14  # height of a name at the end of a curve, and its distance from the plane


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

    def fraction(self, values: Numbers | float) -> np.ndarray:
        """How far along the axis values lie, 0 to 1 within it; a logarithmic axis begins with what is positive."""
        places = np.asarray(values, float)
        if not self.log:
            return (places - self.low) / (self.high - self.low)
        return np.log(np.maximum(places, 1e-300) / self.low) / np.log(self.high / self.low)


def between(
    low: float, high: float, whole: bool = False, label: Callable[[float], str] = "{:g}".format, most: int = 5
) -> Scale:
    """A linear scale with at most ``most`` + 1 round ticks; only whole ones if asked."""
    ticks = MaxNLocator(most, integer=whole, steps=[1, 2, 5, 10]).tick_values(low, high)
    tidy = (round(float(tick), 9) + 0.0 for tick in ticks)
    return Scale(low, high, [tick for tick in tidy if low <= tick <= high], label=label)


def around(values: Iterable[float], label: Callable[[float], str] = "{:g}".format) -> Scale:
    """A linear scale with a little room below the least and above the largest value."""
    values = list(values)
    room = 0.06 * (max(values) - min(values)) or 0.5
    return between(min(values) - room, max(values) + room, label=label)


def powers(low: float, high: float, every: int = 1) -> Scale:
    """A logarithmic scale with a tick at every so many powers of ten."""
    ticks = [float(f"1e{e}") for e in range(-15, 16) if low <= float(f"1e{e}") <= high]
    return Scale(low, high, ticks[::every], log=True, label=power_of_ten)


def ordinals(names: Sequence[str]) -> Scale:
    """Places 1, 2, … with names, and some room at both ends."""
    return Scale(0.6, len(names) + 0.4, range(1, len(names) + 1), label=lambda i: names[round(i) - 1])


def percent(fraction: float) -> str:
    """0.2 as "20%"."""
    return f"{fraction:.0%}"


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
        title: str = "",
        xlabel: str = "",
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
            sheet.text(at, bottom + 17, minus(across.label(value)), style.SMALL)
        for value in up.ticks:
            _, at = self.place(across.low, value)
            sheet.line((x, at), (x + width, at), width=0.7)
            sheet.text(x - 6, at, minus(up.label(value)), style.SMALL, align="right")

    @overload
    def place(self, a: float, b: float) -> tuple[float, float]: ...

    @overload
    def place(self, a: Numbers, b: Numbers) -> tuple[np.ndarray, np.ndarray]: ...

    def place(self, a: Any, b: Any) -> tuple[Any, Any]:
        """Where on the sheet the points (a, b) lie."""
        return self.x + self.across.fraction(a) * self.width, self.y + (1 - self.up.fraction(b)) * self.height

    def curve(self, a: Numbers, b: Numbers, color: str, dashes: LineStyleType = "-", width: float = 2.5) -> None:
        """A line through points from left to right; what lies above or below the plane is cut off."""
        xs, ys = self.place(a, b)
        outside = (ys < self.y - 1) | (ys > self.y + self.height + 1)
        if outside.any():
            fine = np.linspace(xs[0], xs[-1], 4 * round(self.width))
            xs, ys = fine, np.interp(fine, xs, ys)
            outside = (ys < self.y - 1) | (ys > self.y + self.height + 1)
        self.sheet.path(xs, np.where(outside, np.nan, ys), color, width, dashes)

    def dots(self, a: Numbers, b: Numbers, color: str, marker: str = "o", size: float = 9.0) -> None:
        """Markers, without a line; what lies above or below ends at the edge."""
        xs, ys = self.place(a, b)
        self.sheet.dots(xs, np.clip(ys, self.y, self.y + self.height), color, marker, size)

    def draw(self, a: Numbers, b: Numbers, look: Look, width: float = 2.5, size: float = 9.0) -> None:
        """A curve as the look has it, with its markers at the points."""
        self.curve(a, b, look.color, look.dashes, width)
        if look.marker:
            self.dots(a, b, look.color, look.marker, size)

    def name_ends(self, ends: Sequence[tuple[float, float, Look]]) -> None:
        """Names right of the plane, each joined to its curve's last point (a, b) and as near to it as the others allow.

        A marker before the name says whose it is; where the look has none, the name has the colour of the line.
        """
        edge = self.x + self.width + ASIDE
        points = [tuple(map(float, self.place(a, b))) for a, b, _ in ends]
        for (x, y), (_, _, look), at in zip(points, ends, spread([y for _, y in points], LINE), strict=True):
            self.sheet.line((x + 6, y), (edge - 2, at), self.sheet.colors.rule)
            if look.marker:
                self.sheet.dots([edge + 4], at, look.color, look.marker, 8)
            self.sheet.text(
                edge + (13 if look.marker else 2),
                at,
                look.name,
                style.SMALL,
                None if look.marker else look.color,
                "left",
            )

    def level(self, b: float, color: str | None = None, dashes: LineStyleType = "-", width: float = 1.5) -> None:
        """A horizontal line through the whole plane."""
        _, y = self.place(self.across.low, b)
        self.sheet.line((self.x, y), (self.x + self.width, y), color or self.sheet.colors.ink, width, dashes)

    def upright(self, a: float, dashes: LineStyleType = ":", width: float = 1.5) -> None:
        """A vertical line through the whole plane."""
        x, _ = self.place(a, self.up.low)
        self.sheet.line((x, self.y), (x, self.y + self.height), self.sheet.colors.ink, width, dashes)

    def write(self, a: float, b: float, text: str, align: str = "left", above: float = 0, color: str = "") -> None:
        """Small letters at the point (a, b), or some pixels above it."""
        x, y = self.place(a, b)
        self.sheet.text(float(x), float(y) - above, text, style.SMALL, color or None, align)


def spread(values: Sequence[float], gap: float) -> list[float]:
    """The values, moved as little as it takes to lie at least ``gap`` apart, in the same order."""
    groups: list[list[int]] = []
    bottoms: list[float] = []
    for i in sorted(range(len(values)), key=values.__getitem__):
        groups.append([i])
        bottoms.append(values[i])
        while len(groups) > 1 and bottoms[-1] < bottoms[-2] + gap * len(groups[-2]):
            groups[-2:], bottoms[-2:] = [groups[-2] + groups[-1]], [0.0]
            middle = sum(values[j] for j in groups[-1]) / len(groups[-1])
            bottoms[-1] = middle - gap * (len(groups[-1]) - 1) / 2
    moved = list(values)
    for group, bottom in zip(groups, bottoms, strict=True):
        for position, i in enumerate(group):
            moved[i] = bottom + position * gap
    return moved


def legend(
    sheet: Sheet, x: float, y: float, looks: Iterable[Look], down: float = 0, line: bool = True, right: float = 1e9
) -> float:
    """Samples with their names, in a row from (x, y), or below each other with steps of `down`.

    Args:
        sheet: what to draw on.
        x, y: left end of the first sample.
        looks: one per entry.
        down: distance of the lines of a column; 0 for a row.
        line: whether samples are lines; without them they are bare markers.
        right: where a row ends and the next begins.

    Returns:
        How much higher than one line it is.
    """
    looks, sample = list(looks), SAMPLE if line else 10
    places = [(0.0, down * i) for i in range(len(looks))] if down else legend_places(looks, right - x, line)
    for (name, color, dashes, marker), (across, below) in zip(looks, places, strict=True):
        left, at = x + across, y + below
        if line:
            sheet.path([left, left + sample], [at, at], color, 2.5, dashes)
        if marker:
            sheet.dots([left + sample / 2], [at], color, marker)
        sheet.text(left + sample + 6, at, name, style.SMALL, align="left")
    return places[-1][1]


def legend_places(looks: Iterable[Look], room: float, line: bool = True) -> list[tuple[float, float]]:
    """Where in rows of so much room the entries of a legend stand."""
    places, x, y = [], 0.0, 0.0
    for look in looks:
        width = (SAMPLE if line else 10) + 6 + lettering.width(look.name) * style.SMALL
        if x and x + width > room:
            x, y = 0.0, y + 24
        places.append((x, y))
        x += width + GAP
    return places


def power_of_ten(value: float) -> str:
    """A tick of a long logarithmic axis: 0.01, 1 and 100 as they are, what lies beyond as a power of ten."""
    exponent = round(np.log10(value))
    if -4 < exponent < 4:
        return f"{value:g}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def minus(text: str) -> str:
    """The text with a minus sign for every hyphen, as a number needs it."""
    return text.replace("-", "−")
