"""The gradient of the top-k loss on every class, for several P_K and ways to take the first rank."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size, width
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...losses.topk import TOP1_MODES
from ...presets import P_K
from ...sorters import Sorter
from .loss_account import account_of, chances_in_words
from .permutation_matrix import as_scores

SIX_P_K = tuple(tuple(map(float, p_k)) for p_k in P_K.values())
"""The six P_K of the paper's experiments in their order, without the titles."""

WIDTH, LEFT, TOP, BAND, GAP = 960, 54, 60, 132, 14


@style.locked
def gradient_bars(
    scores: Sequence[float],
    names: Sequence[str],
    label: str,
    sorter: Sorter | None = None,
    p_ks: Sequence[Sequence[float]] = SIX_P_K,
    modes: Sequence[str] = ("sort", "sm", "smce"),
    theme: str = "light",
) -> tuple[Figure, str]:
    """The gradient on every score as bars: a row per top-1 mode, a column per P_K.

    Classes stand in the order of their scores, best first. The fields of a column share one scale, written above
    them. A bar that points down means that a step of gradient descent raises the score.

    Args:
        scores: n numbers, n <= 8.
        names: n class names.
        label: the name of the class that is right.
        sorter: the default of the loss if none is given.
        p_ks: one to six distributions of K.
        modes: one to three of "sort", "sm", "smce".
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the gradient on the label and on the class that is pushed down most.

    Raises:
        ValueError: a label that is no name, unknown modes, or more than fits.
    """
    values, target = as_scores(scores, names), list(names).index(_validate.choice("label", label, names))
    if not 1 <= len(p_ks) <= 6 or len(names) > 8:
        raise ValueError(f"one to six P_K of at most 8 classes fit, got {len(p_ks)} of {len(names)}")
    for mode in modes:
        _validate.choice("modes", mode, TOP1_MODES)
    gradients = {
        mode: [account_of(TopKCrossEntropyLoss(p, sorter, top1_mode=mode), values, target).gradient for p in p_ks]
        for mode in modes
    }
    order = np.argsort(-values, kind="stable")
    reach = 8 + max(map(width, names)) * style.SMALL
    sheet = Sheet(WIDTH, round(TOP + len(modes) * BAND + reach + 8), theme)
    slot = (WIDTH - LEFT - GAP) / len(p_ks)
    sheet.text(22, 22, "P_K", style.NORMAL, bold=True)
    for row, mode in enumerate(modes):
        sheet.text(22, TOP + (row + 0.5) * BAND - 8, mode, style.LARGE, bold=True, upwards=True)
    size = fitting_size(map(chances_in_words, p_ks), slot - GAP - 2, style.NORMAL, bold=True)
    for column, (p_k, fields) in enumerate(zip(p_ks, zip(*gradients.values(), strict=True), strict=True)):
        left = LEFT + column * slot
        sheet.text(left + (slot - GAP) / 2, 22, chances_in_words(p_k), size, bold=True)
        _draw_column(sheet, left, slot - GAP, np.stack(fields)[:, order])
        _write_names(sheet, left, TOP + len(modes) * BAND, (slot - GAP) / len(names), [names[j] for j in order], label)
    return sheet.figure(), _caption(gradients, p_ks, names, target)


def _draw_column(sheet: Sheet, left: float, room: float, gradients: np.ndarray) -> None:
    limit, height = nice_limit(np.abs(gradients).max()), BAND - 14
    sheet.text(left + room / 2, 42, f"scale ±{limit:g}", style.SMALL, sheet.colors.muted)
    for row, gradient in enumerate(gradients):
        sheet.frame(left, TOP + row * BAND, room, height)
        draw_bars(sheet, left, TOP + row * BAND, room / len(gradient), height, gradient, limit, range(len(gradient)))


def _write_names(sheet: Sheet, left: float, y: float, cell: float, names: Sequence[str], label: str) -> None:
    for j, name in enumerate(names):
        x = left + (j + 0.5) * cell
        sheet.text(x, y - 6, name, style.SMALL, align="right", bold=name == label, upwards=True)


def draw_bars(
    sheet: Sheet,
    left: float,
    top: float,
    cell: float,
    height: float,
    gradient: np.ndarray,
    limit: float,
    kept: Collection[int],
    numbers: bool = False,
) -> None:
    """A bar per class between -limit at the bottom and limit at the top, with a line at zero.

    Args:
        sheet: what to draw on.
        left, top: of the field.
        cell: width of a class.
        height: of the field.
        gradient: shape (n,).
        limit: value at the field's upper end.
        kept: classes that take part; of the others the values say "out".
        numbers: whether values are written at the bars.
    """
    middle, colors = top + height / 2, sheet.colors
    room = height / 2 - (18 if numbers else 4)
    for j, value in enumerate(gradient):
        x = left + (j + 0.5) * cell
        length = min(abs(value) / limit, 1) * room
        color = colors.series[0] if value > 0 else colors.series[1]
        sheet.box(x - 0.32 * cell, middle - length if value > 0 else middle, 0.64 * cell, length, color)
        if numbers:
            y = middle + length + 11 if value <= -0.0005 else middle - length - 11
            said = signed(value, 3) if j in kept else "out"
            sheet.text(x, y, said, fitting_size([said], cell - 2, style.SMALL), None if j in kept else colors.muted)
    sheet.line((left, middle), (left + cell * len(gradient), middle), colors.muted, 1.5)


def nice_limit(largest: float) -> float:
    """The next of …, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, … that is not below the largest value."""
    if not largest > 1e-12:
        return 1e-12
    power = 10 ** math.floor(math.log10(largest))
    return float(
        f"{next(power * step for step in (1, 1.5, 2, 3, 5, 7, 10) if power * step >= largest * (1 - 1e-9)):.6g}"
    )


def signed(value: float, digits: int) -> str:
    """A number with its sign, zero without."""
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text[1:] if float(text[1:]) == 0 else text


def _caption(gradients, p_ks: Sequence[Sequence[float]], names: Sequence[str], label: int) -> str:
    lines = []
    for mode, line in gradients.items():
        told = ", ".join(
            f"{signed(g[label], 2)} against {names[g.argmax()]} {signed(g.max(), 2)}"
            + (f" with {names[g.argmin()]} {signed(g.min(), 2)}" if g.argmin() != label else "")
            for g in line
        )
        lines.append(f"{mode}: {told}")
    heads = ", ".join(chances_in_words(p_k) for p_k in p_ks)
    return (
        f"Gradient on {names[label]} against the class that is pushed down most, for P_K = {heads}: {'; '.join(lines)}."
    )
