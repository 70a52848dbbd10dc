"""Soft permutation matrices as heat maps: rows are ranks, best first; columns are classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size, width
from ...experiments.drawing.sheet import Sheet
from ...sorters import Relaxation
from .given import Matrix, as_matrix, as_scores, cell_label, check_count, number_label

WIDTH, MARGIN, NARROWEST = 960, 16, 200
CELL, LARGEST = 44, 480  # largest cell, and largest matrix
LEFT, RIGHT, FOOT = 22, 42, 50  # room for ranks, row sums and column sums
MOST_NUMBERS, MOST_NAMES = 8, 20
BAR = 14  # height of a column sum of 1; drawn up to twice that


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
    matrices: Mapping[str, Matrix], names: Sequence[str], scores: Sequence[float] | None = None, theme: str = "light"
) -> tuple[Figure, str]:
    """Soft permutation matrices side by side, on one colour scale from 0 to 1.

    Numbers stand in the cells for up to 8 classes. At the right of each row is its sum; below each column its
    sum as a bar with a mark at 1, in bold where it is not 1. Bars end at 2.

    Args:
        matrices: title -> P of shape (k, n), k <= n. After a line break the title goes on in smaller type.
        names: n class names, in the order of the columns.
        scores: n numbers to write below the names, optional.

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
    sheet = Sheet(2 * MARGIN + len(maps) * slot, head + k * cell + FOOT + MARGIN, theme)
    for i, heat_map in enumerate(maps):
        heat_map.draw(sheet, MARGIN + i * slot + (slot - heat_map.width) / 2, 0, head)
    sentences = (f"{title.replace(chr(10), ', ')}: {describe(P, names)}" for title, P in tables.items())
    return sheet.figure(), "; ".join(sentences) + "."


@style.locked
def temperature_strip(
    scores: Sequence[float],
    names: Sequence[str],
    make: Callable[[float], Relaxation],
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

    Returns:
        The figure, and a caption with rank 1 and the column sums at every setting.

    Raises:
        ValueError: no value or more than 5, or names that do not fit the scores.
    """
    check_count("values", values, 1, 5, "settings")
    s = torch.as_tensor(scores, dtype=torch.float64)
    with torch.no_grad():
        titles = {f"{symbol} = {value:g}": make(value).matrix(s) for value in values}
    figure, _ = permutation_matrices(titles, names, scores, theme)
    parts = (f"at {title} {describe(P.numpy(), names)}" for title, P in titles.items())
    return figure, f"{type(make(values[0])).__name__} on the same scores: {'; '.join(parts)}."


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


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A matrix with all that stands around it.

    Attributes:
        P: (k, n).
        names: n column names.
        title: of one line or two.
        cell: width and height of a cell.
        scores: n numbers below the names, optional.
        rows: ranks that have room below the names; more than k leaves the others empty.
    """

    P: np.ndarray
    names: Sequence[str]
    title: str
    cell: float
    scores: np.ndarray | None = None
    rows: int | None = None

    @property
    def width(self) -> float:
        """Of the whole, ranks and row sums included."""
        return LEFT + self.P.shape[1] * self.cell + RIGHT

    @property
    def upwards(self) -> bool:
        """Whether the names are too long to stand side by side."""
        return max(map(width, self.names)) * style.SMALL * 0.75 > self.cell - 4

    @property
    def head(self) -> float:
        """Of title, names and scores: the distance from the top to the first row."""
        title = 34 + 22 * self.title.count("\n")
        if len(self.names) > MOST_NAMES:
            return title + 22
        names = 10 + max(map(width, self.names)) * style.SMALL if self.upwards else 22
        return title + names + (18 if self.scores is not None else 0)

    def draw(self, sheet: Sheet, x: float, y: float, head: float) -> None:
        """Draws it with its left edge at x, its title below y and its first row at y + head."""
        (k, n), left, top, cell = self.P.shape, x + LEFT, y + head, self.cell
        heading, *second = self.title.split("\n")
        sheet.text(left + n * cell / 2, y + 17, heading, style.LARGE, bold=True)
        for line in second:
            sheet.text(left + n * cell / 2, y + 38, line, style.SMALL)
        self._write_names(sheet, left, top)
        if n <= MOST_NUMBERS:
            cells(sheet, left, top, cell, cell, self.P, min(0.38 * cell, 14))
        else:
            sheet.image(style.heat(self.P), left, top, n * cell, k * cell)
        self._write_rows(sheet, left, top)
        rows = self.rows or k
        if rows > k:
            sheet.frame(left, top + k * cell, n * cell, (rows - k) * cell)
            middle = top + (k + rows) / 2 * cell
            sheet.text(left + n * cell / 2, middle, "not asked for", style.SMALL, sheet.colors.muted)
        self._draw_column_sums(sheet, left, top + rows * cell)

    def _write_names(self, sheet: Sheet, left: float, top: float) -> None:
        if len(self.names) > MOST_NAMES:
            sheet.text(left, top - 12, f"{len(self.names)} classes", style.SMALL, align="left")
            return
        numbers = [] if self.scores is None else [number_label(score) for score in self.scores]
        size = style.SMALL if self.upwards else fitting_size(self.names, self.cell - 4, style.NORMAL)
        align, y = ("left", top - 5) if self.upwards else ("center", top - 11)
        for j, name in enumerate(self.names):
            x = left + (j + 0.5) * self.cell
            sheet.text(x, y - (18 if numbers else 0), name, size, align=align, upwards=self.upwards)
        size = fitting_size(numbers, self.cell - 4, style.SMALL)
        for j, number in enumerate(numbers):
            sheet.text(left + (j + 0.5) * self.cell, top - 11, number, size, sheet.colors.muted)

    def _write_rows(self, sheet: Sheet, left: float, top: float) -> None:
        k, right = len(self.P), left + self.P.shape[1] * self.cell + 6
        if k > MOST_NAMES:
            sheet.text(left - 4, top + 7, "1", style.SMALL, align="right")
            sheet.text(left - 4, top + k * self.cell - 7, f"{k}", style.SMALL, align="right")
            return
        sheet.text(right, top - 11, "sum", style.SMALL, sheet.colors.muted, align="left")
        for r, total in enumerate(self.P.sum(1)):
            y, off = top + (r + 0.5) * self.cell, abs(total - 1) > 0.005
            sheet.text(left - 6, y, f"{r + 1}", style.NORMAL, align="right")
            sheet.text(right, y, f"{total:.2f}", style.SMALL, sheet.colors.muted, "left", off)

    def _draw_column_sums(self, sheet: Sheet, left: float, bottom: float) -> None:
        (k, n), cell, floor = self.P.shape, self.cell, bottom + 2 * BAR + 4
        size = fitting_size(["0.00"], cell - 4, style.SMALL, bold=True)
        sheet.text(left - 6, floor - BAR / 2, "∑", style.NORMAL, sheet.colors.muted, "right")
        for j, total in enumerate(self.P.sum(0)):
            x, height, bar = left + (j + 0.5) * cell, BAR * min(total, 2), 0.36 * cell
            sheet.box(x - bar / 2, floor - height, bar, height, sheet.colors.muted)
            if n <= MOST_NAMES:
                sheet.text(x, floor + 10, f"{total:.2f}", size, bold=k == n and abs(total - 1) > 0.005)
        sheet.line((left, floor), (left + n * cell, floor))
        if k == n:
            sheet.line((left, floor - BAR), (left + n * cell, floor - BAR), sheet.colors.ink, 1, ":")
        if n > MOST_NUMBERS:
            heat_scale(sheet, left + n * cell - 100, floor + 18, 80, 10, "0", "1")


def cells(
    sheet: Sheet, x: float, y: float, width: float, height: float, table: np.ndarray, size: float = 13
) -> np.ndarray:
    """A matrix of coloured cells with their numbers, each so wide and high; NaN leaves a cell empty.

    Returns:
        Which cells are empty.
    """
    (rows, columns), empty = table.shape, np.isnan(table)
    colors = style.heat(np.nan_to_num(table))
    colors[empty] = style.rgb(sheet.colors.paper)
    sheet.image(colors, x, y, columns * width, rows * height)
    letters = style.on(colors)
    for (r, j), p in np.ndenumerate(table):
        if not empty[r, j]:
            sheet.text(x + (j + 0.5) * width, y + (r + 0.5) * height, cell_label(p), size, letters[r, j])
    return empty


def heat_scale(sheet: Sheet, x: float, y: float, width: float, height: float, low: str, high: str) -> None:
    """The colours from 0 to 1 as a bar, with what its ends mean."""
    sheet.image(style.heat(np.linspace(0, 1, 80))[None], x, y, width, height)
    sheet.text(x - 6, y + height / 2, low, style.SMALL, align="right")
    sheet.text(x + width + 6, y + height / 2, high, style.SMALL, align="left")
