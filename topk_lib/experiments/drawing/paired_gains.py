"""What relaxing k gains over cross-entropy, with intervals over seeds: one plane per condition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ... import _validate
from ..grids.sweep_results import Gain
from . import style
from .plane import Plane, Scale, legend
from .sheet import Sheet

WIDTH, LEFT, TOP, GAP, BELOW = 960, 64, 82, 34, 80  # GAP between planes, BELOW each of them for its scale
TALL, TALLER = 150, 260  # height of a plane, in several rows and in one
DODGE = 0.12  # distance of two series at the same k, so that their intervals stay apart
CAP = 4
MOST_SERIES = 4


@style.locked
def paired_gains(
    panels: Mapping[str, Mapping[str, Sequence[Gain]]], columns: int = 3, theme: str = "light"
) -> tuple[Figure, str]:
    """Gains in top-1, top-2, … with 95 % intervals, in percentage points; zero is cross-entropy.

    Args:
        panels: by title, and in each by name of the series, a `Gain` per k = 1, 2, … as
            `SweepResults.gains` returns them. Up to 4 series, the same in all panels.
        columns: planes side by side, 1 to 5.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the first and last gain of every series in every panel.

    Raises:
        TypeError, ValueError: nothing to draw, too many series, or panels that do not hold the same ones.
    """
    columns = _validate.integer("columns", columns, 1, 5)
    series = _same_series(panels)
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    tall = TALLER if rows == 1 else TALL
    wide = (WIDTH - LEFT - 20 - (columns - 1) * GAP) / columns
    sheet = Sheet(WIDTH, TOP + rows * (tall + BELOW) - (BELOW - 54), theme)
    ks = len(next(iter(next(iter(panels.values())).values())))
    scales = Scale(0.6, ks + 0.4, range(1, ks + 1), label="top\u2011{:g}".format), _points(panels)
    for i, (title, gains) in enumerate(panels.items()):
        x, y = LEFT + i % columns * (wide + GAP), TOP + i // columns * (tall + BELOW)
        _draw(Plane(sheet, x, y, wide, tall, *scales, title, ""), gains)
    sheet.text(16, TOP + (rows * (tall + BELOW) - BELOW) / 2, "points gained", style.NORMAL, upwards=True)
    looks = list(zip(series, sheet.colors.series, style.DASHES, style.MARKERS, strict=False))
    legend(sheet, LEFT, 24, [*looks, ("0 = cross-entropy", sheet.colors.ink, "-", "")])
    return sheet.figure(), _caption(panels)


def _same_series(panels: Mapping[str, Mapping[str, Sequence[Gain]]]) -> list[str]:
    names = [list(gains) for gains in panels.values()]
    if not names or not names[0]:
        raise ValueError("panels must hold at least one panel with one series")
    if len(names[0]) > MOST_SERIES:
        raise ValueError(f"panels must hold at most {MOST_SERIES} series each, got {names[0]}")
    if any(found != names[0] for found in names):
        raise ValueError(f"panels must hold the same series, got {names}")
    return names[0]


def _points(panels: Mapping[str, Mapping[str, Sequence[Gain]]]) -> Scale:
    """A scale that holds every interval and zero, with at most eight ticks."""
    gains = [gain for series in panels.values() for values in series.values() for gain in values]
    low, high = min(0.0, *(gain.low for gain in gains)), max(0.0, *(gain.high for gain in gains))
    step = next(step for step in (0.5, 1, 2, 5, 10, 20) if (high - low) / step <= 7 or step == 20)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Scale(
        low, high, np.arange(low, high + step / 2, step), label=lambda points: f"{points:+g}" if points else "0"
    )


def _draw(plane: Plane, series: Mapping[str, Sequence[Gain]]) -> None:
    sheet = plane.sheet
    ends, zero = plane.place([plane.across.low, plane.across.high], [0, 0])
    sheet.line((ends[0], zero[0]), (ends[1], zero[1]), sheet.colors.ink, 1.5)
    for i, values in enumerate(series.values()):
        color = sheet.colors.series[i]
        ks = np.arange(1, len(values) + 1) + DODGE * (i - (len(series) - 1) / 2)
        plane.curve(ks, [gain.mean for gain in values], color, style.DASHES[i], 1.8)
        for k, gain in zip(ks, values, strict=True):
            _interval(plane, k, gain, color)
        plane.dots(ks, [gain.mean for gain in values], color, style.MARKERS[i])


def _interval(plane: Plane, k: float, gain: Gain, color: str) -> None:
    xs, ys = plane.place([k, k], [gain.low, gain.high])
    plane.sheet.line((xs[0], ys[0]), (xs[1], ys[1]), color, 2)
    for x, y in zip(xs, ys, strict=True):
        plane.sheet.line((x - CAP, y), (x + CAP, y), color, 2)


def _caption(panels: Mapping[str, Mapping[str, Sequence[Gain]]]) -> str:
    parts = []
    for title, series in panels.items():
        said = ", ".join(f"{name} {values[0]} and {values[-1]}" for name, values in series.items())
        parts.append(f"{title}: {said}")
    ks = len(next(iter(next(iter(panels.values())).values())))
    return f"Points gained over cross-entropy in top-1 and top-{ks}, mean ± 95 % interval. {'; '.join(parts)}."
