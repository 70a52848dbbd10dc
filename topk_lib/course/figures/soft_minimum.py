"""The soft minimum of two scores while one of them rises: whose curve ever falls, and how high each gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend
from ...experiments.drawing.sheet import Sheet
from ...sigmoids import SIGMOIDS, Comparator
from . import distributions

WIDTH, HEIGHT, LOW, HIGH = 960, 420, -2.0, 10.0
STEPS = 1201
NOISE = 1e-12


@style.locked
def soft_minimum(
    steepness: float = 1.0,
    art_lambda: float = 0.25,
    names: Sequence[str] = distributions.ORDER,
    theme: str = "light",
) -> tuple[Figure, str]:
    """min'(0, b) of a soft comparator for b from -2/β to 10/β, a curve per distribution, beside the true minimum.

    A dot marks the top of every curve that falls again.

    Args:
        steepness: β of all of them.
        art_lambda: λ of ART.
        names: keys of `topk_lib.SIGMOIDS`.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that says which curves fall, from where, and which never do.

    Raises:
        ValueError: an unknown name, or what `Comparator` refuses.
    """
    comparators = {name: Comparator(name, steepness, art_lambda) for name in distributions.checked(names)}
    sheet = Sheet(WIDTH, HEIGHT, theme)
    across = Scale(LOW, HIGH, range(-2, 11, 2), label=lambda v: f"{v / steepness:g}")
    up = Scale(-0.6, 0.9, (-0.5, 0, 0.5), label=lambda v: f"{v / steepness:g}")
    plane = Plane(sheet, 60, 60, 690, 296, across, up, "soft minimum of 0 and b", "b")
    plane.curve([-0.6, 0, HIGH], [-0.6, 0, 0], sheet.colors.ink, "-", 1.5)
    grid = np.linspace(LOW, HIGH, STEPS)
    tops = {}
    for name, comparator in comparators.items():
        color, dashes, marker = distributions.look(name, theme)
        values = soft_minima(comparator, grid / steepness) * steepness
        plane.curve(grid, values, color, dashes)
        top = values.argmax()
        if (np.diff(values) < -NOISE).any():
            tops[name] = grid[top] / steepness, values[top] / steepness
            plane.dots([grid[top]], [values[top]], color, marker, 12)
    _legend(sheet, comparators, tops, theme)
    return sheet.figure(), _caption(comparators, tops, steepness)


def soft_minima(comparator: Comparator, b: Sequence[float]) -> np.ndarray:
    """min'(0, b) = (1-α(b))·b for every b."""
    gaps = torch.as_tensor(b, dtype=torch.float64)
    return (gaps * comparator.weights(gaps)[1]).numpy()


def _legend(sheet: Sheet, comparators: dict[str, Comparator], tops: dict, theme: str) -> None:
    entries = dict(zip(comparators, distributions.legend_entries(list(comparators), theme, markers=True), strict=True))
    falling = [entry for name, entry in entries.items() if name in tops]
    rising = [(*entry[:3], "") for name, entry in entries.items() if name not in tops]
    y = 70
    for title, part in (("falls again", falling), ("never falls", rising)):
        if part:
            sheet.text(776, y, title, style.NORMAL, align="left", bold=True)
            legend(sheet, 776, y + 28, part, down=24)
            y += 28 + 24 * len(part) + 22
    legend(sheet, 776, y, [("true minimum", sheet.colors.ink, "-", "")])


def _caption(comparators: dict[str, Comparator], tops: dict, steepness: float) -> str:
    fall = [f"{distributions.SHOWN_AS[n]} falls from b = {b:.2f} on, where it is {v:.3f}" for n, (b, v) in tops.items()]
    end = HIGH / steepness
    rest = [
        f"{distributions.SHOWN_AS[n]} never falls and is {soft_minima(c, [end])[0]:.3f} at b = {end:g}, "
        f"bound {SIGMOIDS[n].error_bound / steepness:.3f}"
        for n, c in comparators.items()
        if n not in tops
    ]
    return f"The soft minimum of 0 and b with β = {steepness:g}: {'; '.join(fall + rest)}."
