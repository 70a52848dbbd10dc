"""What a soft permutation does to the scores: P @ scores on a number line, against the hard sort."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing import lettering, style
from ...experiments.drawing.sheet import Sheet
from .permutation_matrix import Matrix, as_matrix, as_scores

WIDTH, MARGIN, LABELS = 960, 16, 150
BAND, TOP, BOTTOM = 36, 52, 30  # height of one method's band, of the hard sort above them, of the scale below


@style.locked
def sorted_scores(
    matrices: Mapping[str, Matrix], scores: Sequence[float], names: Sequence[str], theme: str = "light"
) -> tuple[Figure, str]:
    """One band per matrix: a line leads from each score, hard sorted, to the same rank of P @ scores.

    Args:
        matrices: title -> P of shape (k, n); of a title of two lines the first is shown.
        scores: n numbers.
        names: n class names.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that lists both sorted vectors and the mean distance between them.

    Raises:
        ValueError: no matrix, or one that does not fit the names, or a score per name is missing.
    """
    values = as_scores(scores, names)
    if not matrices:
        raise ValueError("matrices must hold at least one matrix, got none")
    rows = {title: as_matrix(f"matrices[{title!r}]", P, names) @ values for title, P in matrices.items()}
    sheet = Sheet(WIDTH, TOP + BAND * len(rows) + BOTTOM + MARGIN, theme)
    draw_score_lines(sheet, rows, values, names, 4, nice_limits(values))
    hard = np.sort(values)[::-1]
    parts = (f"{title.splitlines()[0]} gives {_numbers(soft)}, {describe(soft, hard)}" for title, soft in rows.items())
    return sheet.figure(), f"The hard sort is {_numbers(hard)}; {'; '.join(parts)}."


def describe(soft: np.ndarray, hard: np.ndarray) -> str:
    """How far k softly sorted scores lie from the hard ones, on average."""
    return f"{np.abs(soft - hard[: len(soft)]).mean():.2f} away on average"


def nice_limits(values: np.ndarray) -> tuple[float, float]:
    """Ends of a scale, multiples of a half, that leave some room around the values."""
    return math.floor(2 * values.min() - 0.5) / 2, math.ceil(2 * values.max() + 0.5) / 2


def draw_score_lines(
    sheet: Sheet,
    rows: Mapping[str, np.ndarray],
    values: np.ndarray,
    names: Sequence[str],
    y: float,
    limits: tuple[float, float],
    band: float = BAND,
) -> None:
    """Draws the hard sort and one band per row over the sheet's whole width; the top is at y."""
    low, high = limits
    left, right, top = MARGIN + LABELS, sheet.width - 3 * MARGIN, y + TOP

    def place(score):
        return left + (np.asarray(score) - low) / (high - low) * (right - left)

    order = np.argsort(-values, kind="stable")
    hard = values[order]
    sheet.text(MARGIN, top - 8, "hard sort", align="left")
    _write_names(sheet, place(hard), hard, [names[j] for j in order], top - 26)
    for x in place(hard):
        sheet.line((x, top - 8), (x, top + band * len(rows)), dashes=":")
    sheet.dots(place(hard), top - 8, sheet.colors.ink, "o")
    for i, (title, soft) in enumerate(rows.items()):
        bottom = top + band * (i + 1)
        sheet.line((left, bottom), (right, bottom))
        for x, x0 in zip(place(soft), place(hard), strict=False):
            sheet.line((x0, bottom - 0.6 * band), (x, bottom), sheet.colors.muted)
        sheet.dots(place(soft), bottom, sheet.colors.series[i % 8], style.MARKERS[i % 8], 11)
        sheet.text(MARGIN, bottom, title.splitlines()[0], align="left")
    _write_scale(sheet, place, limits, top + band * len(rows))


def _write_names(sheet: Sheet, xs: np.ndarray, hard: np.ndarray, names: Sequence[str], y: float) -> None:
    """Names above their dots; equal scores share a place, and crowded names are written in two heights."""
    ends = [-math.inf, -math.inf]
    for score in sorted(set(hard)):
        together = " = ".join(name for name, other in zip(names, hard, strict=True) if other == score)
        x, half = xs[list(hard).index(score)], lettering.width(together) * style.SMALL / 2
        level = 0 if x - half > ends[0] + 6 else 1
        ends[level] = x + half
        sheet.text(x, y - 15 * level, together, style.SMALL)


def _write_scale(sheet: Sheet, place, limits: tuple[float, float], y: float) -> None:
    low, high = limits
    step = 1 if high - low <= 12 else 5
    for tick in range(math.ceil(low / step) * step, math.floor(high) + 1, step):
        x = float(place(tick))
        sheet.line((x, y), (x, y + 5), sheet.colors.muted)
        sheet.text(x, y + 17, f"{tick}".replace("-", "−"), style.SMALL, sheet.colors.muted)
    sheet.text(MARGIN, y + 21, "P @ scores", style.SMALL, sheet.colors.muted, "left")


def _numbers(values: np.ndarray) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
