"""Up to two top-k losses of the same sample, from P down to the gradient on every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from .gradient_bars import draw_bars, nice_limit, signed
from .heat_map import cell_label, score_label
from .loss_account import LossAccount, account_of
from .permutation_matrix import as_scores

WIDTH, MARGIN, GAP = 960, 14, 24
LEFT, RIGHT = 66, 52  # room for the names and the weights of rows
HEAD, NAMES_HEIGHT, CELL, SUM, BARS, FOOT = 56, 42, 30, 66, 160, 34
MOST, MOST_CLASSES = 2, 8


@style.locked
def loss_comparison(
    losses: Mapping[str, TopKCrossEntropyLoss],
    scores: Sequence[float],
    names: Sequence[str],
    label: str,
    theme: str = "light",
) -> tuple[Figure, str]:
    """One loss or two side by side: the rows that enter it, their weights, its sum, its gradient on every class.

    In the heat map the row of the softmax stands above those of P. The label's column is framed: its entries times
    the weights at the right add up to what stands under the logarithm. The bars below share one scale.

    Args:
        losses: name -> loss, one or two, without class weights and label smoothing.
        scores: n numbers, n <= 8.
        names: n class names.
        label: the name of the class that is right.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with each loss, its sum and its gradient.

    Raises:
        ValueError: more than two losses or eight classes, a label that is no name, or sizes that do not fit.
    """
    if not 1 <= len(losses) <= MOST or len(names) > MOST_CLASSES:
        raise ValueError(f"one or two losses of {MOST_CLASSES} classes fit, got {len(losses)} of {len(names)}")
    values, target = as_scores(scores, names), list(names).index(_validate.choice("label", label, names))
    accounts = {name: account_of(loss, values, target) for name, loss in losses.items()}
    rows = 1 + max(len(loss.p_k) for loss in losses.values())
    sheet = Sheet(WIDTH, HEAD + NAMES_HEIGHT + rows * CELL + SUM + BARS + FOOT, theme)
    limit = nice_limit(max(np.abs(account.gradient).max() for account in accounts.values()))
    slot = (WIDTH - 2 * MARGIN - (MOST - 1) * GAP) / MOST
    for i, (name, account) in enumerate(accounts.items()):
        left = MARGIN + i * (slot + GAP)
        column = Column(sheet, left + LEFT, (slot - LEFT - RIGHT) / len(names), rows, names, target)
        column.draw(name, account, values, limit)
    caption = "; ".join(f"{name}: {describe(account, names, label)}" for name, account in accounts.items())
    return sheet.figure(), f"{caption}."


def describe(account: LossAccount, names: Sequence[str], label: str) -> str:
    """Half a sentence with the numbers of the figure."""
    gradient = ", ".join(
        f"{name} {signed(g, 3)}" if j in account.kept else f"{name} left out"
        for j, (name, g) in enumerate(zip(names, account.gradient, strict=True))
    )
    return f"{account.setting.replace(chr(10), ', ')}: label {label}, {account.sum}, gradient {gradient}"


class Column:
    """One loss on the sheet, everything above the classes' own columns.

    Args:
        sheet: what to draw on.
        left: of the first class's column.
        cell: width of a class's column.
        rows: of the heat map, softmax included.
        names: class names.
        label: index of the class that is right.
    """

    def __init__(self, sheet: Sheet, left: float, cell: float, rows: int, names: Sequence[str], label: int) -> None:
        self.sheet, self.left, self.cell, self.rows = sheet, left, cell, rows
        self.names, self.label, self.top = names, label, HEAD + NAMES_HEIGHT
        self.right = left + cell * len(names)

    def draw(self, name: str, account: LossAccount, scores: np.ndarray, limit: float) -> None:
        """Draws all of it; gradients between -limit and limit."""
        self._write_head(name, account.setting)
        self._write_names(scores)
        table = np.full((self.rows, len(self.names)), np.nan)
        table[0] = account.softmax if account.softmax_weight else np.nan
        table[1 : 1 + len(account.P)] = account.P
        self._draw_table(table, account)
        self._write_weights(account)
        bottom = self.top + self.rows * CELL
        self.sheet.text(self.left, bottom + 24, account.sum, style.NORMAL, align="left", bold=True)
        said = "gradient on each score: below the line, a step raises it"
        self.sheet.text(self.left, bottom + 54, said, style.SMALL, self.sheet.colors.muted, "left")
        draw_bars(
            self.sheet, self.left, bottom + SUM, self.cell, BARS, account.gradient, limit, account.kept, numbers=True
        )
        self._write_foot(bottom + SUM + BARS)

    def _write_head(self, name: str, setting: str) -> None:
        first, second = setting.split("\n")
        x = self.left - LEFT
        self.sheet.text(x, 20, name, style.LARGE, align="left", bold=True)
        self.sheet.text(self.left, 20, first, style.NORMAL, align="left", bold=True)
        self.sheet.text(self.left, 42, second, style.SMALL, align="left")

    def _write_names(self, scores: np.ndarray) -> None:
        sheet, numbers = self.sheet, [score_label(score) for score in scores]
        size = fitting_size(self.names, self.cell - 4, style.NORMAL, bold=True)
        self._left_note(self.top - 11, "score")
        for j, (name, number) in enumerate(zip(self.names, numbers, strict=True)):
            x = self.left + (j + 0.5) * self.cell
            sheet.text(x, self.top - 29, name, size, bold=j == self.label)
            sheet.text(x, self.top - 11, number, style.SMALL, sheet.colors.muted)

    def _draw_table(self, table: np.ndarray, account: LossAccount) -> None:
        sheet, empty = self.sheet, np.isnan(table)
        colors = style.heat(np.nan_to_num(table))
        paper = [int(sheet.colors.paper[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        colors[empty] = paper
        sheet.image(colors, self.left, self.top, self.right - self.left, self.rows * CELL)
        white = style.reads_dark(colors)
        for (r, j), p in np.ndenumerate(table):
            x, y = self.left + (j + 0.5) * self.cell, self.top + (r + 0.5) * CELL
            if not empty[r, j]:
                sheet.text(x, y, cell_label(p), 13, "#ffffff" if white[r, j] else "#000000")
            elif j not in account.kept and not empty[r].all():
                sheet.text(x, y, "out", style.SMALL, sheet.colors.muted)
        self._write_unused(empty)
        sheet.frame(self.left, self.top, self.right - self.left, self.rows * CELL)
        self._frame_label(empty)

    def _write_unused(self, empty: np.ndarray) -> None:
        middle, muted = (self.left + self.right) / 2, self.sheet.colors.muted
        if empty[0].all():
            self.sheet.text(middle, self.top + CELL / 2, "not used", style.SMALL, muted)
        unused = [r for r in range(1, self.rows) if empty[r].all()]
        if unused:
            y = self.top + (unused[0] + unused[-1] + 1) / 2 * CELL
            self.sheet.text(middle, y, "not asked for", style.SMALL, muted)

    def _frame_label(self, empty: np.ndarray) -> None:
        used = np.flatnonzero(~empty.all(1))
        x, ink = self.left + self.label * self.cell, self.sheet.colors.ink
        low, high = self.top + used[0] * CELL, self.top + (used[-1] + 1) * CELL
        for start, end in (((x, low), (x, high)), ((x + self.cell, low), (x + self.cell, high))):
            self.sheet.line(start, end, ink, 3)
        for y in (low, high):
            self.sheet.line((x - 1.5, y), (x + self.cell + 1.5, y), ink, 3)

    def _write_weights(self, account: LossAccount) -> None:
        muted = self.sheet.colors.muted
        self.sheet.text(self.right + 8, self.top - 11, "weight", style.SMALL, muted, "left")
        weights = [account.softmax_weight, *account.rank_weights]
        for r in range(self.rows):
            y = self.top + (r + 0.5) * CELL
            self._left_note(y, f"rank {r}" if r else "softmax")
            if r < len(weights) and (r or weights[0]):
                self.sheet.text(self.right + 8, y, f"× {cell_label(weights[r])}", style.NORMAL, align="left")

    def _write_foot(self, y: float) -> None:
        size = fitting_size(self.names, self.cell - 4, style.NORMAL, bold=True)
        for j, name in enumerate(self.names):
            self.sheet.text(self.left + (j + 0.5) * self.cell, y + 18, name, size, bold=j == self.label)

    def _left_note(self, y: float, text: str) -> None:
        self.sheet.text(self.left - 8, y, text, style.SMALL, self.sheet.colors.muted, "right")
