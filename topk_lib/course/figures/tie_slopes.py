"""What ART does near a tie: the slope of α at ever smaller gaps, in the original formula and in the library."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend, power_of_ten
from ...experiments.drawing.sheet import Sheet
from ...sigmoids import TIE_ZONE, Comparator

WIDTH, HEIGHT = 960, 420
CLOSEST = 1e-10  # added to |d| by the original formula


@style.locked
def tie_slopes(art_lambdas: Sequence[float] = (0.25, 0.5), theme: str = "light") -> tuple[Figure, str]:
    """The slope of α at gaps from 10⁻¹² to 10 with β = 1: logistic, and ART with one or two λ, in both formulas.

    Args:
        art_lambdas: at most two values of λ.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the slopes at a tie, as multiples of the logistic one.

    Raises:
        ValueError: no λ or more than two, or one out of range.
    """
    if not 1 <= len(art_lambdas) <= 2:
        raise ValueError(f"art_lambdas must hold one or two numbers, got {list(art_lambdas)}")
    comparators = {lam: Comparator("logistic_phi", 1.0, lam) for lam in art_lambdas}
    sheet, gaps = Sheet(WIDTH, HEIGHT, theme), torch.logspace(-12, 1, 261).double()
    ticks = (1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 0.01, 1)
    across = Scale(1e-12, 10, ticks, log=True, label=power_of_ten)
    up = Scale(0.01, 1e5, (0.01, 0.1, 1, 10, 100, 1000, 1e4, 1e5), log=True, label=power_of_ten)
    plane = Plane(sheet, 60, 52, 640, 310, across, up, "slope of α near a tie", "size of the gap |d| (log)")
    plane.upright(TIE_ZONE)
    plane.write(TIE_ZONE, 4e4, f"tie zone: |d| < {TIE_ZONE:g}  ", "right")
    colors, entries = sheet.colors.series, []
    for i, (lam, comparator) in enumerate(comparators.items()):
        for formula, slopes, color, dashes in (
            ("original", original_slope(gaps, lam), colors[1], style.DASHES[2 * i + 1]),
            ("library", comparator.slope(gaps), colors[0], style.DASHES[2 * i]),
        ):
            plane.curve(gaps, slopes, color, dashes)
            entries.append((f"ART, λ = {lam:g}, {formula}", color, dashes, ""))
    logistic = Comparator("logistic", 1.0)
    plane.curve(gaps, logistic.slope(gaps), sheet.colors.ink, ":", 2)
    entries.append(("logistic", sheet.colors.ink, ":", ""))
    legend(sheet, 722, 70, entries, down=30)
    return sheet.figure(), _caption(comparators)


def original_slope(gaps: torch.Tensor, art_lambda: float) -> torch.Tensor:
    """The slope of σ(d / (|d| + 1e-10)^λ), by automatic differentiation."""
    with torch.enable_grad():
        d = gaps.detach().clone().requires_grad_()
        alpha = torch.sigmoid(d / (d.abs() + CLOSEST) ** art_lambda)
        return torch.autograd.grad(alpha.sum(), d)[0]


def _caption(comparators: dict[float, Comparator]) -> str:
    plain = Comparator("logistic", 1.0).max_slope
    parts = []
    for lam, comparator in comparators.items():
        original = original_slope(torch.zeros(1, dtype=torch.double), lam).item() / plain
        parts.append(
            f"with λ = {lam:g} the original formula is {original:.0f} times as steep as the logistic one, "
            f"the library {comparator.max_slope / plain:.2f} times"
        )
    return f"At a tie, {'; '.join(parts)}."
