"""The picture of a grid: what each loss gains over the baseline, with intervals, drawn from a record alone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from . import lettering, style
from .intervals import Forest, HasInterval, points_scale
from .plane import legend, legend_places, minus
from .quantities import accuracy_name
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
    seeds = len(results.seeds)
    over = "one seed, no interval" if seeds == 1 else f"paired by seed: mean and 95 % interval over {seeds} seeds"
    title = f"Points gained over {results.baseline}, {over}"
    names, row = list(map(style.in_words, losses)), 27 + 15.3 * len(results.conditions)
    bottom = TOP + row * len(losses)
    looks = [style.numbered_look(theme, name, i) for i, name in enumerate(results.conditions)]
    foot = legend_places(looks, WIDTH - 2 * MARGIN, line=False)[-1][1]  # of the legend, below its first line
    sheet = Sheet(WIDTH, max(bottom + 64 + 6 * len(looks), bottom + 60 + foot), theme, FINE)
    sheet.text(MARGIN, 20, title, style.NORMAL, align="left")
    size = lettering.fitting_size(names, WIDTH / 4, style.SMALL)
    left = MARGIN + max(map(lettering.width, names)) * size + 14
    slot = (WIDTH - left - 4) / len(ks)
    for i, name in enumerate(names):
        y = TOP + i * row
        sheet.text(left - 12, y + row / 2, name, size, align="right")
        if i:
            sheet.line((MARGIN, y), (WIDTH - MARGIN, y), width=0.7)
    scale, said = points_scale(gains.values(), 5), defaultdict(list)
    frames = ((left + i * slot, accuracy_name(k)) for i, k in enumerate(ks))
    forests = {k: Forest(sheet, TOP, slot - VALUES, bottom, scale, *frame) for k, frame in zip(ks, frames, strict=True)}
    for (condition, loss, k), gain in gains.items():
        i = results.conditions.index(condition)
        y = TOP + (losses.index(loss) + 0.5) * row + 15.3 * (i - (len(looks) - 1) / 2)
        forests[k].draw(y, gain, looks[i], _value, size=10)
        said[f"{condition}, {loss}"].append(f"{accuracy_name(k)} {_value(gain)}")
    legend(sheet, MARGIN, sheet.height - 22 - foot, looks, line=False, right=WIDTH - MARGIN)
    parts = (f"{name}: {', '.join(values)}" for name, values in said.items())
    return sheet.figure(), f"{title}. {'; '.join(parts)}."


def _value(gain: HasInterval) -> str:
    return minus(f"{gain.mean:+.1f}") if gain.low != gain.low else str(gain)
