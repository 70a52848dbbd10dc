"""The six distributions as curves: the degree α(d) of not swapping, and its slope."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend, power_of_ten
from ...experiments.drawing.sheet import Sheet
from ...sigmoids import Comparator
from . import distributions

WIDTH, HEIGHT, REACH = 960, 430, 6.0


@style.locked
def sigmoid_curves(
    steepness: float = 1.0,
    art_lambda: float = 0.25,
    names: Sequence[str] = distributions.ORDER,
    theme: str = "light",
) -> tuple[Figure, str]:
    """α(d) and dα/dd of soft comparators, d = b - a from -6 to 6 and from 0.01 to 100.

    Args:
        steepness: β of all of them.
        art_lambda: λ of ART.
        names: keys of `topk_lib.SIGMOIDS`.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with α and slope of each at gaps 1 and 10.

    Raises:
        ValueError: an unknown name, or what `Comparator` refuses.
    """
    comparators = {name: Comparator(name, steepness, art_lambda) for name in distributions.checked(names)}
    sheet = Sheet(WIDTH, HEIGHT, theme)
    legend(sheet, 60, 22, distributions.legend_entries(list(comparators), theme))
    level = Scale(0, 1, (0, 0.25, 0.5, 0.75, 1))
    alphas = Plane(
        sheet, 60, 84, 400, 290, Scale(-REACH, REACH, range(-6, 7, 2)), level, "degree α of keeping the pair", "gap d"
    )
    up = Scale(1e-6, 10, (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10), log=True, label=power_of_ten)
    across = Scale(0.01, 100, (0.01, 0.1, 1, 10, 100), log=True)
    slopes = Plane(sheet, 540, 84, 400, 290, across, up, "its slope: what a gradient is multiplied by", "gap d (log)")
    gaps, far = torch.linspace(-REACH, REACH, 241).double(), torch.logspace(-2, 2, 161).double()
    for name, comparator in comparators.items():
        color, dashes, _ = distributions.look(name, theme)
        alphas.curve(gaps, comparator.alpha(gaps), color, dashes)
        slopes.curve(far, comparator.slope(far), color, dashes)
    return sheet.figure(), _caption(comparators, steepness)


def _caption(comparators: dict[str, Comparator], steepness: float) -> str:
    gaps = torch.tensor([1.0, 10.0], dtype=torch.double)
    parts = []
    for name, comparator in comparators.items():
        alpha, slopes = comparator.alpha(gaps).numpy(), comparator.slope(gaps).numpy()
        degrees = f"{alpha[0]:.3f} and {alpha[1]:.3f}"
        parts.append(f"{distributions.SHOWN_AS[name]} {degrees}, slope {slopes[0]:.3f} and {slopes[1]:.1e}")
    return f"α at gaps 1 and 10 with steepness β = {steepness:g}: {'; '.join(parts)}."
