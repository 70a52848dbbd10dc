"""What one method gains over another, with intervals: by condition, by k, and run by run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from ... import _validate
from . import lettering, style
from .intervals import Forest, HasInterval, Interval, bar, points_scale
from .plane import Plane, Scale, legend, ordinals
from .sheet import Sheet
from .style import Look

WIDTH = 960
Gains = Sequence[HasInterval]
Runs = tuple[Sequence[float], Sequence[float]]


class ForestRow(NamedTuple):
    """One condition.

    Attributes:
        name: in a few words.
        room: points that cross-entropy is below the best possible top-5; None where that is not shown.
        top1, top5: what relaxing k gains over cross-entropy.
    """

    name: str
    room: float | None
    top1: HasInterval
    top5: HasInterval


@style.locked
def gain_forest(groups: Mapping[str, Sequence[ForestRow]], theme: str = "light") -> tuple[Figure, str]:
    """Gains in top-1 and in top-5 side by side, a line per condition, beside the room that cross-entropy left.

    A filled marker and a bold value say that the interval does not hold zero: a triangle upwards for a gain,
    downwards for a loss. A ring says that it does.

    Args:
        groups: by heading, the rows below it.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that counts gains and losses and names the largest of each.

    Raises:
        ValueError: there are no rows.
    """
    rows = [row for group in groups.values() for row in group]
    if not rows:
        raise ValueError("groups must hold at least one row")
    top, line, heading = 88, 26, 34
    bottom = top + heading * len(groups) + line * len(rows)
    sheet = Sheet(WIDTH, bottom + 52, theme)
    scale = points_scale([gain for row in rows for gain in (row.top1, row.top5)], 9)
    places = {"gain in top‑1": 302, "gain in top‑5": 636}
    frame = sheet, top - 12, 228, bottom + 6, scale
    columns = [Forest(*frame, x, title, twice=True) for title, x in places.items()]
    if any(row.room is not None for row in rows):
        sheet.note(236, top - 42, "room in top‑5", "center")
        sheet.note(236, top - 24, "(points)", "center")
    y = top
    for name, group in groups.items():
        sheet.text(20, y + heading / 2 + 4, name, style.NORMAL, align="left", bold=True)
        y += heading
        for row in group:
            sheet.text(30, y + line / 2, style.in_words(row.name), style.SMALL + 1, align="left")
            if row.room is not None:
                sheet.text(236, y + line / 2, f"{row.room:.1f}", style.SMALL + 1)
            for column, gain in zip(columns, (row.top1, row.top5), strict=True):
                column.draw(y + line / 2, gain)
            y += line
    said = []
    for k, gains in ((1, [row.top1 for row in rows]), (5, [row.top5 for row in rows])):
        gained, lost, are_open = ([gain.verdict for gain in gains].count(word) for word in ("gain", "loss", "open"))
        best, worst = (choose(zip(gains, rows, strict=True), key=lambda pair: pair[0].mean) for choose in (max, min))
        said.append(
            f"In top-{k} {gained} of {len(rows)} lines gain, {lost} lose, {are_open} are open; from {worst[0]} "
            f"({worst[1].name}) to {best[0]} ({best[1].name}) points."
        )
    return sheet.figure(), " ".join(said)


@style.locked
def paired_gains(
    panels: Mapping[str, Mapping[str, Gains]], columns: int = 3, theme: str = "light"
) -> tuple[Figure, str]:
    """Gains in top-1, top-2, … with 95 % intervals, in percentage points; zero is cross-entropy.

    Args:
        panels: by title, and in each by name of the series, an interval per k = 1, 2, … (as
            `topk_lib.experiments.drawing.intervals.Interval`). Up to 4 series, the same in all panels.
        columns: planes side by side, 1 to 5.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the first and last gain of every series in every panel.

    Raises:
        TypeError, ValueError: nothing to draw, too many series, or panels that do not hold the same ones.
    """
    columns = min(_validate.integer("columns", columns, 1, 5), len(panels))
    names, *others = [list(series) for series in panels.values()] or [[]]
    if not names:
        raise ValueError("panels must hold at least one panel with one series")
    if len(names) > 4:
        raise ValueError(f"panels must hold at most 4 series each, got {names}")
    if any(found != names for found in others):
        raise ValueError(f"panels must hold the same series, got {[names, *others]}")
    left, top, gap, below = 64, 82, 34, 80
    rows = math.ceil(len(panels) / columns)
    tall = 260 if rows == 1 else 150
    wide = (WIDTH - left - 20 - (columns - 1) * gap) / columns
    sheet = Sheet(WIDTH, top + rows * (tall + below) - (below - 54), theme)
    looks = list(style.looks(theme, ["ce", *names]).values())[1:]
    everything = [gains for series in panels.values() for gains in series.values()]
    ks = len(everything[0])
    scales = ordinals([f"top‑{k}" for k in range(1, ks + 1)]), points_scale(chain(*everything), 7)
    for i, (title, series) in enumerate(panels.items()):
        x, y = left + i % columns * (wide + gap), top + i // columns * (tall + below)
        plane = Plane(sheet, x, y, wide, tall, *scales, title)
        plane.level(0)
        for j, (look, gains) in enumerate(zip(looks, series.values(), strict=True)):
            places = np.arange(1, ks + 1) + 0.12 * (j - (len(series) - 1) / 2)  # so that intervals stay apart
            for place, gain in zip(places, gains, strict=True):
                bar(sheet, plane.place(place, gain.low), plane.place(place, gain.high), look.color, 2)
            plane.draw(places, [gain.mean for gain in gains], look, 1.8)
    sheet.text(16, top + (rows * (tall + below) - below) / 2, "points gained", style.NORMAL, upwards=True)
    legend(sheet, left, 24, [*looks, Look("0 = cross-entropy", sheet.colors.ink)])
    parts = (
        f"{title}: " + ", ".join(f"{name} {gains[0]} and {gains[-1]}" for name, gains in series.items())
        for title, series in panels.items()
    )
    said = f"Points gained over cross-entropy in top-1 and top-{ks}, mean ± 95 % interval."
    return sheet.figure(), f"{said} {'; '.join(parts)}."


@style.locked
def paired_differences(
    groups: Mapping[str, Mapping[str, Runs]],
    interval: Callable[[Sequence[float], Sequence[float]], tuple[float, float, float]],
    better: tuple[str, str] = ("b", "a"),
    unit: str = "percentage points",
    theme: str = "light",
) -> tuple[Figure, str]:
    """Rows of paired differences a - b, side by side for up to three groups on one scale, with a dot per run.

    Args:
        groups: title -> {row: (runs of a, runs of b)}, the same rows in every group, up to six.
        interval: gives the mean of a - b and the two ends of its interval.
        better: what is written under the left and the right half: who is ahead there.
        unit: of the differences.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with mean and interval of every row, and which intervals hold 0.

    Raises:
        ValueError: no group or too many, or groups with different rows.
    """
    rows = list(next(iter(groups.values()), {}))
    if not 1 <= len(groups) <= 3 or not 1 <= len(rows) <= 6:
        raise ValueError(f"groups must hold 1 to 3 groups of 1 to 6 rows, got {len(groups)}")
    if any(list(group) != rows for group in groups.values()):
        raise ValueError(f"groups must have the same rows, got {[list(group) for group in groups.values()]}")
    found = {title: {row: Interval(*interval(*runs)) for row, runs in group.items()} for title, group in groups.items()}
    top, line, margin, names, values = 64, 46, 14, 66, 160
    sheet = Sheet(WIDTH, top + line * len(rows) + 66, theme)
    differences = {
        (title, row): [a - b for a, b in zip(*runs, strict=True)]
        for title, group in groups.items()
        for row, runs in group.items()
    }
    everything = [*chain(*differences.values()), *chain(*(one for group in found.values() for one in group.values()))]
    reach = 1.08 * max(map(abs, everything)) or 1.0  # to both sides, so that zero is in the middle
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if reach / s < 3 or s == 100)
    ticks = [step * i for i in range(-int(reach / step), int(reach / step) + 1)]
    scale = Scale(-reach, reach, ticks, label=lambda value: f"{value:+g}" if value else "0")
    slot = (WIDTH - 2 * margin) / len(groups)
    bottom = top + line * len(rows)
    for i, (title, group) in enumerate(found.items()):
        x, width = margin + i * slot + names, slot - names - values
        sheet.text(x - names + 8, 22, title, style.LARGE, align="left", bold=True)
        forest = Forest(sheet, top - 8, width, bottom, scale, x)
        sheet.note(x + width + 10, 46, "mean, interval")
        _write_who_is_ahead(sheet, x, width, bottom, better, unit)
        for j, (row, one) in enumerate(group.items()):
            y = top + (j + 0.5) * line
            sheet.text(x - 12, y, row, style.NORMAL, align="right")
            sheet.dots([forest.at(value) for value in differences[title, row]], y - 12, sheet.colors.muted, "o", 7)
            clear = one.verdict != "open"
            color = sheet.colors.series[0 if one.mean > 0 else 1] if clear else sheet.colors.muted
            forest.draw(y, one, Look(row, color, marker="D"), cap=7, width=4 if clear else 2)
    told = (f"{title}: {'; '.join(_told(row, one) for row, one in rows.items())}" for title, rows in found.items())
    return sheet.figure(), "; ".join(told) + "."


def _told(row: str, one: Interval) -> str:
    holds = ", which holds 0" if one.verdict == "open" else ""
    return f"{row} {one.mean:+.2f}, interval {one.low:+.2f} to {one.high:+.2f}{holds}"


def _write_who_is_ahead(
    sheet: Sheet, x: float, width: float, bottom: float, better: tuple[str, str], unit: str
) -> None:
    """Names below both halves of a scale, below each other where they have no room side by side."""
    left, right, middle = f"← {better[0]}", f"{better[1]} →", x + width / 2
    if (lettering.width(left) + lettering.width(right) + 1) * style.SMALL < width:
        sheet.text(x, bottom + 36, left, style.SMALL, align="left")
        sheet.text(x + width, bottom + 36, right, style.SMALL, align="right")
        sheet.text(middle, bottom + 54, f"ahead, in {unit}", style.SMALL, sheet.colors.muted)
        return
    for y, words in ((32, left), (45, right), (58, f"ahead, in {unit}")):
        sheet.text(middle, bottom + y, words, style.SMALL, sheet.colors.muted if y == 58 else None)
