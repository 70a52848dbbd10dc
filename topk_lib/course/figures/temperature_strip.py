"""One sorter at several settings, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...sorters import Sorter
from .permutation_matrix import describe, permutation_matrices

MOST = 5


@style.locked
def temperature_strip(
    scores: Sequence[float],
    names: Sequence[str],
    make: Callable[[float], Sorter],
    values: Sequence[float],
    symbol: str = "τ",
    theme: str = "light",
) -> tuple[Figure, str]:
    """The soft permutation of the same scores at three to five temperatures (or steepnesses).

    Args:
        scores: n numbers.
        names: n class names.
        make: builds the sorter for one of the values, for example ``topk_lib.NeuralSort``.
        values: the settings, from left to right; at most 5.
        symbol: what the values are called: "τ", or "β" for a steepness.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with rank 1 and the column sums at every setting.

    Raises:
        ValueError: no value or more than 5, or names that do not fit the scores.
    """
    if not 1 <= len(values) <= MOST:
        raise ValueError(f"values must hold 1 to {MOST} settings, got {list(values)}")
    with torch.no_grad():
        tables = {value: make(value)(torch.as_tensor(scores, dtype=torch.float64)) for value in values}
    titles = {f"{symbol} = {value:g}": P for value, P in tables.items()}
    figure, _ = permutation_matrices(titles, names, scores, theme)
    parts = (f"at {title} {describe(P.numpy(), names)}" for title, P in titles.items())
    sorter = type(make(values[0])).__name__
    return figure, f"{sorter} on the same scores: {'; '.join(parts)}."
