"""The picture of a grid: what each loss gains over the baseline, with intervals, drawn from a record alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from . import lettering, style
from .intervals import Forest, HasInterval, points_scale
from .plane import legend, legend_places, minus
from .sheet import Sheet

if TYPE_CHECKING:
    from ..grids.grid_results import GridResults

WIDTH, MARGIN, TOP, VALUES, FINE = 960, 16, 74, 92, 2.0


@style.locked
def grid_figure(results: GridResults, theme: str = "light") -> tuple[Figure, str]:
    """Gains in points: a column for each of top-1, top-2, …, a row per loss, and in it a mark per condition.

    Values are bold where the interval lies on one side of zero.

    Args:
        results: of a grid with at least two losses.
        theme: "light" or "dark".

    Returns:
        The figure, 1920 pixels wide, and a caption that says its numbers.
    """
    losses = [loss for loss in results.losses if loss != results.baseline]
    ks = max((results.ks(condition) for condition in results.conditions), key=len)
    gains = {
        (condition, loss, k): results.gain(condition, loss, k)
        for condition in results.conditions
        for loss in losses
        for k in results.ks(condition)
    }
    over = f"Points gained over {results.baseline}, {_over(len(results.seeds))}"
    parts = []
    for condition in results.conditions:
        for loss in losses:
            values = (f"{_title(k)} {_value(gains[condition, loss, k])}" for k in results.ks(condition))
            parts.append(f"{condition}, {loss}: {', '.join(values)}")
    figure = _draw(over, results.conditions, losses, ks, gains, theme)
    return figure, f"{over}. {'; '.join(parts)}."


def _draw(
    title: str,
    conditions: tuple[str, ...],
    losses: list[str],
    ks: tuple[str, ...],
    gains: Mapping[tuple[str, str, str], HasInterval],
    theme: str,
) -> Figure:
    names = list(map(style.in_words, losses))
    row = 27 + 15.3 * len(conditions)
    bottom = TOP + row * len(losses)
    looks = [style.numbered_look(theme, name, i) for i, name in enumerate(conditions)]
    foot = legend_places(looks, WIDTH - 2 * MARGIN, line=False)[-1][1]  # of the legend, below its first line
    sheet = Sheet(WIDTH, max(138 + 6 * len(conditions) + row * len(losses), bottom + 60 + foot), theme, FINE)
    sheet.text(MARGIN, 20, title, style.NORMAL, align="left")
    size = lettering.fitting_size(names, WIDTH / 4, style.SMALL)
    left = MARGIN + max(map(lettering.width, names)) * size + 14
    slot = (WIDTH - left - 4) / len(ks)
    scale = points_scale(gains.values(), 5)
    for i, name in enumerate(names):
        y = TOP + i * row
        sheet.text(left - 12, y + row / 2, name, size, align="right")
        if i:
            sheet.line((MARGIN, y), (WIDTH - MARGIN, y), width=0.7)
    for column, k in enumerate(ks):
        forest = Forest(sheet, TOP, slot - VALUES, bottom, scale, left + column * slot, _title(k))
        for j, (condition, look) in enumerate(zip(conditions, looks, strict=True)):
            for i, loss in enumerate(losses):
                if (condition, loss, k) in gains:
                    y = TOP + (i + 0.5) * row + 15.3 * (j - (len(conditions) - 1) / 2)
                    forest.draw(y, gains[condition, loss, k], look, _value, size=10)
    legend(sheet, MARGIN, sheet.height - 22 - foot, looks, line=False, right=WIDTH - MARGIN)
    return sheet.figure()


def _over(seeds: int) -> str:
    return "one seed, no interval" if seeds == 1 else f"paired by seed: mean and 95 % interval over {seeds} seeds"


def _title(k: str) -> str:
    return k.replace("top", "top-")


def _value(gain: HasInterval) -> str:
    return minus(f"{gain.mean:+.1f}") if gain.low != gain.low else str(gain)
