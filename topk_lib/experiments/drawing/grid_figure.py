"""The picture of a grid: what each loss gains over the baseline, with intervals, drawn from a record alone."""

from __future__ import annotations

import math
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..grids.grid_results import GridResults
from ..grids.grid_table import points, title
from .comparison import FAINT, INK, LARGE, SMALL, STYLES

MORE = (("#8C581C", "v"), ("#000000", "P"), ("#6699CC", "X"), ("#A69542", "*"))
LOOKS = (*((style["color"], style["marker"]) for style in STYLES), *MORE)
DODGE = 0.17  # between conditions, where 1 is from one loss to the next


def grid_figure(results: GridResults) -> tuple[Figure, str]:
    """Gains in points: a plane for each of top-1, top-2, …, a row per loss, a mark per condition.

    Args:
        results: of a grid with at least two losses.

    Returns:
        The figure, 1920 pixels wide, and a caption that says its numbers.
    """
    losses = [loss for loss in results.losses if loss != results.baseline]
    spread = 0.3 + DODGE * len(results.conditions)
    figure = Figure(figsize=(16, 2.3 + 0.1 * len(results.conditions) + 1.5 * spread * len(losses)), dpi=120)
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.15)
    ks = max((results.ks(condition) for condition in results.conditions), key=len)
    planes = figure.subplots(1, len(ks), sharex=True, sharey=True, squeeze=False)[0]
    for axes, k in zip(planes, ks, strict=True):
        _draw(axes, results, losses, k)
    planes[0].set_yticks(range(len(losses)), losses)
    planes[0].set_ylim(len(losses) - 0.5, -0.5)
    figure.suptitle(
        f"Points gained over {results.baseline}, {_over(results)}", x=0.01, ha="left", fontsize=LARGE, color=INK
    )
    handles, names = planes[0].get_legend_handles_labels()
    columns = max(1, min(4, 110 // max(map(len, names))))
    figure.legend(handles, names, loc="outside lower left", ncols=columns, fontsize=SMALL, frameon=False)
    return figure, _caption(results, losses)


def _draw(axes: Axes, results: GridResults, losses: list[str], k: str) -> None:
    axes.axvline(0, color=INK, lw=1.5)
    for row in range(1, len(losses)):
        axes.axhline(row - 0.5, color=FAINT, lw=1)
    looks = cycle(LOOKS)
    for i, condition in enumerate(results.conditions):
        color, marker = next(looks)
        if k not in results.ks(condition):
            continue
        gains = [results.gain(condition, loss, k) for loss in losses]
        rows = [row + DODGE * (i - (len(results.conditions) - 1) / 2) for row in range(len(losses))]
        errors = [0 if math.isnan(gain.half_width) else gain.half_width for gain in gains]
        look = {"color": color, "marker": marker, "label": condition}
        axes.errorbar([gain.mean for gain in gains], rows, xerr=errors, ls="", ms=9, elinewidth=2, capsize=4, **look)
    axes.set_title(title(k), fontsize=LARGE, loc="left", pad=10)
    axes.tick_params(labelsize=SMALL, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x", color=FAINT)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+g}".replace("-", "−") if x else "0"))


def _over(results: GridResults) -> str:
    count = len(results.seeds)
    return "one seed, no interval" if count == 1 else f"paired by seed: mean and 95 % interval over {count} seeds"


def _caption(results: GridResults, losses: list[str]) -> str:
    parts = []
    for condition in results.conditions:
        for loss in losses:
            gains = ((k, results.gain(condition, loss, k)) for k in results.ks(condition))
            parts.append(f"{condition}, {loss}: " + ", ".join(f"{title(k)} {points(gain)}" for k, gain in gains))
    return f"Points gained over {results.baseline}, {_over(results)}. {'; '.join(parts)}."
