"""Where one class ends up: the chance of each rank while the temperature moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from ... import _validate
from ...experiments.drawing import style
from ...sorters import Sorter

WIDTH, HEIGHT = 720, 400
MOST_RANKS = 8


@style.locked
def rank_curves(
    scores: Sequence[float],
    names: Sequence[str],
    make: Callable[[float], Sorter],
    values: Sequence[float],
    target: str,
    symbol: str = "τ",
    theme: str = "light",
) -> tuple[Figure, str]:
    """One class's rank probabilities, a curve per rank, over a logarithmic scale of temperatures.

    Args:
        scores: n numbers.
        names: n class names.
        make: builds the sorter for one of the values, for example ``topk_lib.NeuralSort``.
        values: at least two settings, ascending.
        target: the name of the class to follow.
        symbol: what the values are called: "τ", or "β" for a steepness.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the most likely rank at both ends and where the curves lie closest.

    Raises:
        ValueError: target is no name, values do not ascend, or there are more than 8 classes.
    """
    column = list(names).index(_validate.choice("target", target, names))
    if len(names) > MOST_RANKS:
        raise ValueError(f"names must hold at most {MOST_RANKS} classes, got {len(names)}")
    if len(values) < 2 or any(low >= high for low, high in pairwise(values)):
        raise ValueError(f"values must be at least two settings in ascending order, got {list(values)}")
    label, scores = torch.tensor(column), torch.as_tensor(scores, dtype=torch.float64)
    with torch.no_grad():
        chances = np.stack([make(value).rank_probabilities(scores, label).numpy() for value in values])
    figure = style.new_figure(WIDTH, HEIGHT, theme)
    axes = figure.add_axes((0.1, 0.15, 0.72, 0.73))
    colors = style.theme_colors(theme).series
    marks = max(1, len(values) // 8)
    for r, curve in enumerate(chances.T):
        look = {
            "color": colors[r],
            "linestyle": style.DASHES[r],
            "marker": style.MARKERS[r],
            "markevery": marks,
        }
        axes.plot(
            values,
            curve,
            label=f"rank {r + 1}",
            linewidth=style.points(2.5),
            markersize=style.points(8),
            **look,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(-0.02, 1.02)
    name = type(make(values[0])).__name__
    style.dress(axes, theme, f"{symbol} (log scale)", "chance of the rank", f"{name}: the ranks of {target}")
    style.legend(axes, theme, beside=True)
    return figure, _caption(chances, values, target, symbol, name)


def _caption(chances: np.ndarray, values: Sequence[float], target: str, symbol: str, name: str) -> str:
    ends = (
        f"{_most_likely(row)} at {symbol} = {value:g}"
        for row, value in ((chances[0], values[0]), (chances[-1], values[-1]))
    )
    spread = chances.max(1) - chances.min(1)
    flat = spread.argmin()
    return (
        f"{name} gives {target} {' and '.join(ends)}; the chances of its {chances.shape[1]} ranks lie "
        f"closest, {chances[flat].min():.2f} to {chances[flat].max():.2f}, at {symbol} = {values[flat]:g}."
    )


def _most_likely(row: np.ndarray) -> str:
    return f"rank {row.argmax() + 1} with {row.max():.2f}"
