"""Several sorters on the same scores: their matrices, and below what each makes of the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from .heat_map import FOOT, LEFT, RIGHT, HeatMap
from .permutation_matrix import Matrix, as_matrix, as_scores
from .permutation_matrix import describe as describe_matrix
from .sorted_scores import BAND, BOTTOM, MARGIN, TOP, WIDTH, draw_score_lines, nice_limits
from .sorted_scores import describe as describe_scores

MOST, MOST_CLASSES = 4, 8
HEAD, CELLS = 100, 240  # room for two lines of title, names and scores; height of the largest matrix
HEIGHT = HEAD + CELLS + FOOT + TOP + (MOST - 1) * BAND + BOTTOM + MARGIN
HARD = "hard sort"


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
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with each method's rank 1, column sums and distance to the hard sort.

    Raises:
        ValueError: more than four matrices or eight classes, or sizes that do not fit.
    """
    values, n = as_scores(scores, names), len(names)
    if n > MOST_CLASSES or len(matrices) > MOST:
        raise ValueError(
            f"at most {MOST} matrices of {MOST_CLASSES} classes fit, got {len(matrices)} of {n}: "
            "use permutation_matrices"
        )
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
    draw_score_lines(sheet, soft, values, names, top, limits or nice_limits(values), band)
    return sheet.figure(), _caption(tables, soft, values, names)


def hard_permutation(scores: Sequence[float]) -> np.ndarray:
    """The permutation matrix (n, n) of the descending sort; among equal scores the first comes first."""
    return np.eye(len(scores))[np.argsort(-np.asarray(scores), kind="stable")]


def _caption(tables: Mapping[str, np.ndarray], soft, values: np.ndarray, names: Sequence[str]) -> str:
    hard = np.sort(values)[::-1]
    if not tables:
        return f"The hard sort alone: {describe_matrix(hard_permutation(values), names)}."
    parts = (
        f"{title.replace(chr(10), ', ')}: {describe_matrix(P, names)}, "
        f"P @ scores lies {describe_scores(soft[title], hard)}"
        for title, P in tables.items()
    )
    return "; ".join(parts) + "."
