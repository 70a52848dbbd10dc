"""Soft permutation matrices as heat maps: rows are ranks, best first; columns are classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from .heat_map import CELL, FOOT, LARGEST, LEFT, RIGHT, HeatMap

WIDTH, MARGIN, NARROWEST = 960, 16, 200

Matrix = Tensor | np.ndarray


def permutation_matrix(
    P: Matrix,
    names: Sequence[str],
    title: str = "soft permutation",
    scores: Sequence[float] | None = None,
    theme: str = "light",
) -> tuple[Figure, str]:
    """One soft permutation matrix; see `permutation_matrices`."""
    return permutation_matrices({title: P}, names, scores, theme)


@style.locked
def permutation_matrices(
    matrices: Mapping[str, Matrix],
    names: Sequence[str],
    scores: Sequence[float] | None = None,
    theme: str = "light",
) -> tuple[Figure, str]:
    """Soft permutation matrices side by side, on one colour scale from 0 to 1.

    Numbers stand in the cells for up to 8 classes. At the right of each row is its sum; below each column its
    sum as a bar with a mark at 1, in bold where it is not 1. Bars end at 2.

    Args:
        matrices: title -> P of shape (k, n), k <= n. After a line break the title goes on in smaller type.
        names: n class names, in the order of the columns.
        scores: n numbers to write below the names, optional.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that says who takes rank 1 and what the columns sum to.

    Raises:
        ValueError: no matrix, or one that does not fit the names or holds NaN.
    """
    if not matrices:
        raise ValueError("matrices must hold at least one matrix, got none")
    tables = {title: as_matrix(f"matrices[{title!r}]", P, names) for title, P in matrices.items()}
    values = None if scores is None else as_scores(scores, names)
    n, k = len(names), max(len(P) for P in tables.values())
    cell = min(CELL, LARGEST / n, ((WIDTH - 2 * MARGIN) / len(tables) - LEFT - RIGHT) / n)
    maps = [HeatMap(P, names, title, cell, values) for title, P in tables.items()]
    slot, head = max(maps[0].width, NARROWEST), max(heat_map.head for heat_map in maps)
    sheet = Sheet(round(2 * MARGIN + len(maps) * slot), round(head + k * cell + FOOT + MARGIN), theme)
    for i, heat_map in enumerate(maps):
        heat_map.draw(sheet, MARGIN + i * slot + (slot - heat_map.width) / 2, 0, head)
    sentences = (f"{title.replace(chr(10), ', ')}: {describe(P, names)}" for title, P in tables.items())
    return sheet.figure(), "; ".join(sentences) + "."


def as_matrix(name: str, P: Matrix, names: Sequence[str]) -> np.ndarray:
    """P as a float64 array.

    Raises:
        ValueError: P is not of shape (k, n) with one column per name, or holds NaN or infinity.
    """
    array = np.asarray(P.detach().cpu() if isinstance(P, Tensor) else P, dtype=np.float64)
    n = len(names)
    if array.ndim != 2 or array.shape[1] != n or not 1 <= len(array) <= n:
        raise ValueError(f"{name} must have shape (k, {n}) with k from 1 to {n}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers, got {array[~np.isfinite(array)][0]}")
    return array


def as_scores(scores: Sequence[float], names: Sequence[str]) -> np.ndarray:
    """The scores as a float64 array.

    Raises:
        ValueError: there is not one finite score per name.
    """
    values = torch.as_tensor(scores, dtype=torch.float64).detach().cpu().numpy()
    if values.shape != (len(names),) or not np.isfinite(values).all():
        raise ValueError(f"scores must hold one finite number for each of {len(names)} names, got {scores!r}")
    return values


def describe(P: np.ndarray, names: Sequence[str]) -> str:
    """Half a sentence with the numbers a reader finds in the heat map: rank 1 and the column sums."""
    best = P[0].max()
    winners = [name for name, p in zip(names, P[0], strict=True) if best - p < 0.005]
    share = f"rank 1 is {winners[0]} with {best:.2f}"
    if len(winners) > 1:
        share = f"{', '.join(winners[:-1])} and {winners[-1]} share rank 1 with {best:.2f} each"
    sums = P.sum(0)
    low, high = sums.argmin(), sums.argmax()
    total = f"columns sum to between {sums[low]:.2f} ({names[low]}) and {sums[high]:.2f} ({names[high]})"
    if sums[high] - sums[low] < 0.005:
        total = f"every column sums to {sums.mean():.2f}"
    return f"{share}, {total}" if len(P) == len(names) else f"{share}, over {len(P)} of {len(names)} ranks {total}"
