"""One heat map of a soft permutation, with names, ranks and sums around it, to be placed on a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size, width
from ...experiments.drawing.sheet import Sheet

CELL, LARGEST = 44, 480  # largest cell, and largest matrix
LEFT, RIGHT, FOOT = 22, 42, 50  # room for ranks, row sums and column sums
MOST_NUMBERS, MOST_NAMES = 8, 20
BAR = 14  # height of a column sum of 1; drawn up to twice that


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
    def names_height(self) -> float:
        """Of the names and scores above the cells."""
        if len(self.names) > MOST_NAMES:
            return 22
        names = 10 + max(map(width, self.names)) * style.SMALL if self.upwards else 22
        return names + (18 if self.scores is not None else 0)

    @property
    def head(self) -> float:
        """Of title, names and scores: the distance from the top to the first row."""
        return 34 + 22 * self.title.count("\n") + self.names_height

    def draw(self, sheet: Sheet, x: float, y: float, head: float) -> None:
        """Draws it with its left edge at x, its title below y and its first row at y + head."""
        (k, n), left, top, cell = self.P.shape, x + LEFT, y + head, self.cell
        self._write_title(sheet, left + n * cell / 2, y)
        sheet.image(style.heat(self.P), left, top, n * cell, k * cell)
        self._write_names(sheet, left, top)
        self._write_cells(sheet, left, top)
        self._write_rows(sheet, left, top)
        rows = self.rows or k
        if rows > k:
            sheet.frame(left, top + k * cell, n * cell, (rows - k) * cell)
            middle = top + (k + rows) / 2 * cell
            sheet.text(left + n * cell / 2, middle, "not asked for", style.SMALL, sheet.colors.muted)
        self._draw_column_sums(sheet, left, top + rows * cell)

    def _write_title(self, sheet: Sheet, x: float, y: float) -> None:
        heading, *second = self.title.split("\n")
        sheet.text(x, y + 17, heading, style.LARGE, bold=True)
        for line in second:
            sheet.text(x, y + 38, line, style.SMALL)

    def _write_names(self, sheet: Sheet, left: float, top: float) -> None:
        if len(self.names) > MOST_NAMES:
            sheet.text(left, top - 12, f"{len(self.names)} classes", style.SMALL, align="left")
            return
        numbers = [] if self.scores is None else [score_label(score) for score in self.scores]
        size = style.SMALL if self.upwards else fitting_size(self.names, self.cell - 4, style.NORMAL)
        align, y = ("left", top - 5) if self.upwards else ("center", top - 11)
        for j, name in enumerate(self.names):
            x = left + (j + 0.5) * self.cell
            sheet.text(x, y - (18 if numbers else 0), name, size, align=align, upwards=self.upwards)
        size = fitting_size(numbers, self.cell - 4, style.SMALL)
        for j, number in enumerate(numbers):
            sheet.text(left + (j + 0.5) * self.cell, top - 11, number, size, sheet.colors.muted)

    def _write_cells(self, sheet: Sheet, left: float, top: float) -> None:
        if self.P.shape[1] > MOST_NUMBERS:
            return
        white = style.reads_dark(style.heat(self.P))
        for (r, j), p in np.ndenumerate(self.P):
            x, y = left + (j + 0.5) * self.cell, top + (r + 0.5) * self.cell
            color = "#ffffff" if white[r, j] else "#000000"
            sheet.text(x, y, cell_label(p), min(0.38 * self.cell, 14), color)

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
            self._draw_scale(sheet, left + n * cell, floor)

    def _draw_scale(self, sheet: Sheet, right: float, floor: float) -> None:
        sheet.image(style.heat(np.linspace(0, 1, 80))[None], right - 100, floor + 22, 80, 10)
        sheet.text(right - 106, floor + 27, "0", style.SMALL, align="right")
        sheet.text(right - 14, floor + 27, "1", style.SMALL, align="left")


def cell_label(p: float) -> str:
    """Two decimals without the leading zero, and bare 0 and 1 where that is what two decimals say."""
    text = f"{p:.2f}"
    return {"0.00": "0", "-0.00": "0", "1.00": "1"}.get(text, text.replace("0.", ".", 1))


def score_label(score: float) -> str:
    """A score as a figure shows it: one decimal, or two where it has them."""
    return (f"{score:.1f}" if abs(score - round(score, 1)) < 0.005 else f"{score:.2f}").replace("-", "−")
