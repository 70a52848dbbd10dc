"""The softly sorted best score of a network while one of its scores rises: a sort's output should never fall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend
from ...experiments.drawing.sheet import Sheet
from ...sorters import SortingNetwork
from . import distributions
from .permutation_matrix import as_scores

WIDTH, HEIGHT, REACH, STEPS = 960, 420, 3.0, 121
NOISE = 1e-9


@style.locked
def rising_score(
    scores: Sequence[float],
    names: Sequence[str],
    rising: str,
    steepness: float = 2.0,
    kinds: Sequence[str] = ("logistic", "cauchy"),
    theme: str = "light",
) -> tuple[Figure, str]:
    """(P @ s) of rank 1 in a soft odd-even network while one class's score rises from -3 to 3.

    Args:
        scores: n numbers.
        names: n class names.
        rising: the name of the class whose score moves.
        steepness: β of all networks.
        kinds: distributions, keys of `topk_lib.SIGMOIDS`.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that says by how much each curve falls, and over which scores.

    Raises:
        ValueError: an unknown name or distribution, or scores that do not fit the names.
    """
    column = list(names).index(_validate.choice("rising", rising, names))
    moving = torch.from_numpy(as_scores(scores, names)).repeat(STEPS, 1)
    moving[:, column] = torch.linspace(-REACH, REACH, STEPS)
    best = {kind: _best(moving, kind, steepness) for kind in distributions.checked(kinds)}
    xs, true = moving[:, column].numpy(), moving.max(1).values.numpy()
    sheet = Sheet(WIDTH, HEIGHT, theme)
    everything = np.concatenate([true, *best.values()])
    low, high = np.floor(4 * everything.min() - 0.2) / 4, np.ceil(4 * everything.max() + 0.2) / 4
    ticks = [t for t in np.arange(-10, 10.5, 0.5) if low <= t <= high]
    title = f"softly sorted best score, β = {steepness:g}"
    across = Scale(-REACH, REACH, range(-3, 4))
    plane = Plane(sheet, 60, 52, 690, 310, across, Scale(low, high, ticks), title, f"score of {rising}")
    plane.curve(xs, true, sheet.colors.ink, "-", 1.5)
    for kind, values in best.items():
        color, dashes, marker = distributions.look(kind, theme)
        plane.curve(xs, values, color, dashes)
        falls = np.flatnonzero(np.diff(values) < -NOISE)
        if len(falls):
            plane.dots(xs[[falls[-1] + 1]], values[[falls[-1] + 1]], color, marker, 12)
    entries = distributions.legend_entries(list(best), theme)
    legend(sheet, 776, 70, [*entries, ("hard sort", sheet.colors.ink, "-", "")], down=30)
    return sheet.figure(), _caption(xs, best, rising)


def _best(scores: torch.Tensor, kind: str, steepness: float) -> np.ndarray:
    with torch.no_grad():
        P = SortingNetwork("odd_even", steepness, kind)(scores, 1)
    return (P.squeeze(1) * scores).sum(1).numpy()


def _caption(xs: np.ndarray, best: dict[str, np.ndarray], rising: str) -> str:
    parts = []
    for kind, values in best.items():
        steps = np.minimum(np.diff(values), 0)
        falls = np.flatnonzero(steps < -NOISE)
        shown = distributions.SHOWN_AS[kind]
        if len(falls) == 0:
            parts.append(f"the {shown} network never falls, from {values[0]:.2f} to {values[-1]:.2f}")
        else:
            total, end = -steps.sum(), falls[-1] + 1
            parts.append(
                f"the {shown} network falls by {total:.2f} in all, down to {values[end]:.2f} where {rising} has "
                f"{xs[end]:.2f}"
            )
    return f"While {rising} rises from {xs[0]:g} to {xs[-1]:g}, the soft best score of {'; that of '.join(parts)}."
