"""The answer on one sheet: what each condition leaves to gain, and what was gained, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ..grids.sweep_results import ForestRow
from . import style
from .plane import Scale
from .sheet import Sheet

WIDTH, TOP, LINE, HEADING, FOOT = 960, 88, 26, 34, 52
NAMES, ROOM, PLANES, WIDE = 20, 268, (346, 668), 268
CAP = 4


@style.locked
def gain_forest(groups: Mapping[str, Sequence[ForestRow]], theme: str = "light") -> tuple[Figure, str]:
    """Gains in top-1 and in top-5 side by side, a line per condition, beside the room that cross-entropy left.

    A filled marker says that the interval does not hold zero: a triangle upwards for a gain, downwards for a loss. A
    ring says that it does.

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
    height = TOP + sum(HEADING + LINE * len(group) for group in groups.values())
    sheet = Sheet(WIDTH, height + FOOT, theme)
    scale = _points(rows)
    if any(row.room is not None for row in rows):
        sheet.text(ROOM, TOP - 42, "room in top‑5", style.SMALL, sheet.colors.muted)
        sheet.text(ROOM, TOP - 24, "(points)", style.SMALL, sheet.colors.muted)
    for x, title in zip(PLANES, ("gain in top‑1", "gain in top‑5"), strict=True):
        _frame(sheet, x, title, scale, height)
    y = TOP
    for heading, group in groups.items():
        sheet.text(NAMES, y + HEADING / 2 + 4, heading, style.NORMAL, align="left", bold=True)
        y += HEADING
        for row in group:
            _draw(sheet, y + LINE / 2, row, scale)
            y += LINE
    return sheet.figure(), _caption(rows)


def _points(rows: Sequence[ForestRow]) -> Scale:
    gains = [gain for row in rows for gain in (row.top1, row.top5)]
    low, high = min(0.0, *(gain.low for gain in gains)), max(0.0, *(gain.high for gain in gains))
    step = next(step for step in (0.5, 1, 2, 5, 10, 20) if (high - low) / step <= 9 or step == 20)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Scale(low, high, np.arange(low, high + step / 2, step), label="{:+g}".format)


def _frame(sheet: Sheet, x: float, title: str, scale: Scale, bottom: float) -> None:
    sheet.text(x, TOP - 56, title, style.LARGE, align="left", bold=True)
    for value in scale.ticks:
        at = x + WIDE * float(scale.fraction(value))
        zero = abs(value) < 1e-9
        color = sheet.colors.ink if zero else sheet.colors.rule
        sheet.line((at, TOP - 12), (at, bottom + 6), color, 1.5 if zero else 0.7)
        words = "0" if zero else scale.label(value).replace("-", "−")
        sheet.text(at, TOP - 26, words, style.SMALL)
        sheet.text(at, bottom + 22, words, style.SMALL)


def _draw(sheet: Sheet, y: float, row: ForestRow, scale: Scale) -> None:
    sheet.text(NAMES + 10, y, row.name, style.SMALL + 1, align="left")
    if row.room is not None:
        sheet.text(ROOM, y, f"{row.room:.1f}", style.SMALL + 1)
    for x, gain in zip(PLANES, (row.top1, row.top5), strict=True):
        low, middle, high = (x + WIDE * float(scale.fraction(value)) for value in (gain.low, gain.mean, gain.high))
        color, marker = {
            "gain": (sheet.colors.series[2], "^"),
            "loss": (sheet.colors.series[1], "v"),
            "open": (sheet.colors.muted, "o"),
        }[gain.verdict]
        sheet.line((low, y), (high, y), color, 2.5)
        for end in (low, high):
            sheet.line((end, y - CAP), (end, y + CAP), color, 2)
        sheet.dots([middle], y, color, marker, 12)
        if gain.verdict == "open":
            sheet.dots([middle], y, sheet.colors.paper, marker, 7)


def _caption(rows: Sequence[ForestRow]) -> str:
    said = []
    for name, gains in (("top-1", [row.top1 for row in rows]), ("top-5", [row.top5 for row in rows])):
        counts = {verdict: sum(gain.verdict == verdict for gain in gains) for verdict in ("gain", "loss", "open")}
        best, worst = (
            max(range(len(rows)), key=lambda i: gains[i].mean),
            min(range(len(rows)), key=lambda i: gains[i].mean),
        )
        said.append(
            f"In {name} {counts['gain']} of {len(rows)} lines gain, {counts['loss']} lose, "
            f"{counts['open']} are open; from {gains[worst]} ({rows[worst].name}) to {gains[best]} "
            f"({rows[best].name}) points."
        )
    return " ".join(said)
