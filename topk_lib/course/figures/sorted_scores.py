"""What soft permutations do to the scores: P @ scores on a number line, alone or below the matrices themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing import lettering, style
from ...experiments.drawing.plane import minus
from ...experiments.drawing.sheet import Sheet
from .given import Matrix, as_matrix, as_scores
from .heat_map import FOOT, LEFT, RIGHT, HeatMap
from .heat_map import describe as describe_matrix

WIDTH, MARGIN, LABELS = 960, 16, 150
BAND, TOP, BOTTOM = 36, 52, 30  # height of one method's band, of the hard sort above them, of the scale below
MOST, MOST_CLASSES = 4, 8
HEAD, CELLS = 100, 240  # room for two lines of title, names and scores; height of the largest matrix
HEIGHT = HEAD + CELLS + FOOT + TOP + (MOST - 1) * BAND + BOTTOM + MARGIN
HARD = "hard sort"


@style.locked
def sorted_scores(
    matrices: Mapping[str, Matrix], scores: Sequence[float], names: Sequence[str], theme: str = "light"
) -> tuple[Figure, str]:
    """One band per matrix: a line leads from each score, hard sorted, to the same rank of P @ scores.

    Args:
        matrices: title -> P of shape (k, n); of a title of two lines the first is shown.
        scores: n numbers.
        names: n class names.

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
    _draw_score_lines(sheet, rows, values, names, 4, _nice_limits(values))
    hard = np.sort(values)[::-1]
    parts = (f"{title.splitlines()[0]} gives {_listed(soft)}, {_distance(soft, hard)}" for title, soft in rows.items())
    return sheet.figure(), f"The hard sort is {_listed(hard)}; {'; '.join(parts)}."


@style.locked
def method_comparison(
    matrices: Mapping[str, Matrix],
    scores: Sequence[float],
    names: Sequence[str],
    limits: tuple[float, float] | None = None,
    theme: str = "light",
) -> tuple[Figure, str]:
    """Up to four soft permutation matrices of the same scores, with P @ scores below.

    While there is room the hard permutation stands before them. The figure always has the same size, and the
    panel `MethodSwitch` draws itself with this function.

    Args:
        matrices: title -> P of shape (k, n), n <= 8, one k for all; a title's second line holds the setting.
        scores: n numbers.
        names: n class names.
        limits: ends of the number line; around the scores by default.

    Returns:
        The figure, and a caption with each method's rank 1, column sums and distance to the hard sort.

    Raises:
        ValueError: more than four matrices or eight classes, or sizes that do not fit.
    """
    values, n = as_scores(scores, names), len(names)
    if n > MOST_CLASSES or len(matrices) > MOST:
        fits = f"at most {MOST} matrices of {MOST_CLASSES} classes fit"
        raise ValueError(f"{fits}, got {len(matrices)} of {n}: use permutation_matrices")
    tables = {title: as_matrix(f"matrices[{title!r}]", P, names) for title, P in matrices.items()}
    k = max((len(P) for P in tables.values()), default=n)
    sheet = Sheet(WIDTH, HEIGHT, theme)
    shown = tables if len(tables) == MOST else {HARD: hard_permutation(values)[:k], **tables}
    slot = (WIDTH - 2 * MARGIN) / len(shown)
    cell = min(CELLS / n, (slot - LEFT - RIGHT) / n)
    for i, (title, P) in enumerate(shown.items()):
        heat_map = HeatMap(P, names, title, cell, values, rows=n)
        heat_map.draw(sheet, MARGIN + (i + 0.5) * slot - heat_map.width / 2, 0, HEAD)
    soft = {title: P @ values for title, P in tables.items()}
    top = HEAD + n * cell + FOOT
    band = min(2 * BAND, (HEIGHT - top - TOP - BOTTOM - MARGIN) / max(1, len(soft)))
    _draw_score_lines(sheet, soft, values, names, top, limits or _nice_limits(values), band)
    if not tables:
        return sheet.figure(), f"The hard sort alone: {describe_matrix(hard_permutation(values), names)}."
    hard = np.sort(values)[::-1]
    parts = (
        f"{title.replace(chr(10), ', ')}: {describe_matrix(P, names)}, P @ scores lies {_distance(soft[title], hard)}"
        for title, P in tables.items()
    )
    return sheet.figure(), "; ".join(parts) + "."


def hard_permutation(scores: Sequence[float]) -> np.ndarray:
    """The permutation matrix (n, n) of the descending sort; among equal scores the first comes first."""
    return np.eye(len(scores))[np.argsort(-np.asarray(scores), kind="stable")]


def _distance(soft: np.ndarray, hard: np.ndarray) -> str:
    return f"{np.abs(soft - hard[: len(soft)]).mean():.2f} away on average"


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def _nice_limits(values: np.ndarray) -> tuple[float, float]:
    """Ends of a scale, multiples of a half, that leave some room around the values."""
    return math.floor(2 * values.min() - 0.5) / 2, math.ceil(2 * values.max() + 0.5) / 2


def _draw_score_lines(
    sheet: Sheet,
    rows: Mapping[str, np.ndarray],
    values: np.ndarray,
    names: Sequence[str],
    y: float,
    limits: tuple[float, float],
    band: float = BAND,
) -> None:
    """The hard sort and one band per row over the sheet's whole width; the top is at y."""
    (low, high), order = limits, np.argsort(-values, kind="stable")
    left, right, top, hard = MARGIN + LABELS, sheet.width - 3 * MARGIN, y + TOP, values[order]

    def place(score: float | np.ndarray) -> np.ndarray:
        return left + (np.asarray(score) - low) / (high - low) * (right - left)

    sheet.text(MARGIN, top - 8, HARD, align="left")
    ends = [-math.inf, -math.inf]
    for score in sorted(set(hard)):  # equal scores share a place, and crowded names are written in two heights
        together = " = ".join(names[j] for j in order if values[j] == score)
        x, half = float(place(score)), lettering.width(together) * style.SMALL / 2
        level = 0 if x - half > ends[0] + 6 else 1
        ends[level] = x + half
        sheet.text(x, top - 26 - 15 * level, together, style.SMALL)
    for x in place(hard):
        sheet.line((x, top - 8), (x, top + band * len(rows)), dashes=":")
    sheet.dots(place(hard), top - 8, sheet.colors.ink, "o")
    looks = style.looks(sheet.theme, [title.splitlines()[0] for title in rows])
    for i, (title, soft) in enumerate(rows.items()):
        bottom, look = top + band * (i + 1), looks[title.splitlines()[0]]
        sheet.line((left, bottom), (right, bottom))
        for x, x0 in zip(place(soft), place(hard), strict=False):
            sheet.line((x0, bottom - 0.6 * band), (x, bottom), sheet.colors.muted)
        sheet.dots(place(soft), bottom, look.color, look.marker, 11)
        sheet.text(MARGIN, bottom, look.name, align="left")
    foot, step = top + band * len(rows), 1 if high - low <= 12 else 5
    sheet.note(MARGIN, foot + 21, "P @ scores")
    for tick in range(math.ceil(low / step) * step, math.floor(high) + 1, step):
        x = float(place(tick))
        sheet.line((x, foot), (x, foot + 5), sheet.colors.muted)
        sheet.note(x, foot + 17, minus(f"{tick}"), "center")
