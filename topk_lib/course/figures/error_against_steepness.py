"""How far a soft minimum can be off: measured against steepness, beside the bound that each distribution declares."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend
from ...experiments.drawing.sheet import Sheet
from ...sigmoids import SIGMOIDS, Comparator
from . import distributions

WIDTH, HEIGHT = 960, 430
STEEPNESSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


@style.locked
def error_against_steepness(
    values: Sequence[float] = STEEPNESSES,
    art_lambda: float = 0.25,
    names: Sequence[str] = distributions.ORDER,
    theme: str = "light",
) -> tuple[Figure, str]:
    """The largest error of a soft minimum, at the left against β, at the right against the slope at a tie.

    Dots are measured, lines are the bounds β ↦ error_bound/β. ART has no bound of this form and gets dots joined by
    a thin line; its slope at a tie is no measure of its steepness, so it is left out at the right.

    Args:
        values: steepnesses β, from 0.1 to 20.
        art_lambda: λ of ART.
        names: keys of `topk_lib.SIGMOIDS`.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with error × β and error × slope of each distribution.

    Raises:
        ValueError: an unknown name, or what `Comparator` refuses.
    """
    names = distributions.checked(names)
    sheet = Sheet(WIDTH, HEIGHT, theme)
    legend(sheet, 60, 22, distributions.legend_entries(names, theme, markers=True))
    errors = {name: [largest_error(Comparator(name, beta, art_lambda)) for beta in values] for name in names}
    across, up = _decades(0.1, 20), _decades(0.002, 5)
    title = "largest error of a soft minimum"
    left = Plane(sheet, 60, 84, 400, 290, across, up, title, "steepness β (log)")
    right = Plane(sheet, 540, 84, 400, 290, across, up, "the same, at equal slopes", "slope of α at a tie (log)")
    for name in names:
        color, dashes, marker = distributions.look(name, theme)
        left.dots(values, errors[name], color, marker)
        if name == "logistic_phi":
            left.curve(values, errors[name], color, dashes, 1.5)
            continue
        bound, slope = SIGMOIDS[name].error_bound, SIGMOIDS[name].slope
        left.curve(values, [bound / beta for beta in values], color, dashes)
        slopes = [slope * beta for beta in values]
        inside = [(s, e) for s, e in zip(slopes, errors[name], strict=True) if s >= across.low]
        right.dots(*zip(*inside, strict=True), color, marker)
        ends = (across.low, across.high)
        right.curve(ends, [bound * slope / s for s in ends], color, dashes)
    return sheet.figure(), _caption(errors, values, art_lambda)


def largest_error(comparator: Comparator) -> float:
    """The largest of min'(0, d) over many gaps d > 0; the true minimum is 0."""
    gaps = torch.cat([torch.linspace(0, 10, 2001), torch.logspace(1, 6, 101)]).double() / comparator.steepness
    return (gaps * comparator.weights(gaps)[1]).max().item()


def _decades(low: float, high: float) -> Scale:
    ticks = [tick for tick in (0.01, 0.1, 1, 10) if low <= tick <= high]
    return Scale(low, high, ticks, log=True)


def _caption(errors: dict[str, list[float]], values: Sequence[float], art_lambda: float) -> str:
    parts = []
    for name, measured in errors.items():
        shown = distributions.SHOWN_AS[name]
        if name == "logistic_phi":
            first, last = measured[0], measured[-1]
            parts.append(
                f"{shown} with λ = {art_lambda:g} has {first:.3f} at β = {values[0]:g} and {last:.4f} at {values[-1]:g}"
            )
            continue
        times = measured[0] * values[0]
        bound, slope = SIGMOIDS[name].error_bound, SIGMOIDS[name].slope
        parts.append(f"{shown} {times:.3f} (bound {bound:.3f}), times slope instead {times * slope:.3f}")
    return f"Largest error of a soft minimum times β: {'; '.join(parts)}."
