"""The six distributions that soften comparators, each with one look: their curves, errors, slopes and falls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, between, legend, powers
from ...experiments.drawing.sheet import Sheet
from ...experiments.drawing.style import Look
from ...sigmoids import SIGMOIDS, TIE_ZONE, Comparator
from ...sorters import SortingNetwork
from .given import as_scores, class_index, with_gradient

WIDTH = 960
ORDER = tuple(SIGMOIDS)
STEEPNESSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
CLOSEST = 1e-10  # added to |d| by ART's original formula


def looks_of(names: Sequence[str], theme: str) -> dict[str, Look]:
    """The look of each distribution.

    Raises:
        ValueError: there is no name, or one is no key of `topk_lib.SIGMOIDS`.
    """
    if not names:
        raise ValueError("distributions must hold at least one name, got none")
    return {n: style.look(theme, _validate.choice("distributions", n, SIGMOIDS)) for n in names}


def without_markers(looks: Sequence[Look]) -> list[Look]:
    """The looks as bare lines."""
    return [look._replace(marker="") for look in looks]


@style.locked
def sigmoid_curves(
    steepness: float = 1.0, art_lambda: float = 0.25, names: Sequence[str] = ORDER, theme: str = "light"
) -> tuple[Figure, str]:
    """α(d) and dα/dd of soft comparators, d = b - a from -6 to 6 and from 0.01 to 100.

    Args:
        steepness: β of all of them.
        art_lambda: λ of ART.
        names: keys of `topk_lib.SIGMOIDS`.

    Returns:
        The figure, and a caption with α and slope of each at gaps 1 and 10.

    Raises:
        ValueError: an unknown name, or what `Comparator` refuses.
    """
    looks = looks_of(names, theme)
    sheet = Sheet(WIDTH, 430, theme)
    legend(sheet, 60, 22, without_markers(looks.values()))
    near, level = Scale(-6, 6, range(-6, 7, 2)), Scale(0, 1, (0, 0.25, 0.5, 0.75, 1))
    alphas = Plane(sheet, 60, 84, 400, 290, near, level, "degree α of keeping the pair", "gap d")
    across, title = powers(0.01, 100), "its slope: what a gradient is multiplied by"
    slopes = Plane(sheet, 540, 84, 400, 290, across, powers(1e-6, 10), title, "gap d (log)")
    gaps, far = torch.linspace(-6, 6, 241).double(), torch.logspace(-2, 2, 161).double()
    two, parts = torch.tensor([1.0, 10.0], dtype=torch.double), []
    for name, (shown, color, dashes, _) in looks.items():
        comparator = Comparator(name, steepness, art_lambda)
        alphas.curve(gaps, comparator.alpha(gaps), color, dashes)
        slopes.curve(far, comparator.slope(far), color, dashes)
        (a1, a10), (s1, s10) = comparator.alpha(two).tolist(), comparator.slope(two).tolist()
        parts.append(f"{shown} {a1:.3f} and {a10:.3f}, slope {s1:.3f} and {s10:.1e}")
    return sheet.figure(), f"α at gaps 1 and 10 with steepness β = {steepness:g}: {'; '.join(parts)}."


@style.locked
def error_against_steepness(
    values: Sequence[float] = STEEPNESSES, art_lambda: float = 0.25, names: Sequence[str] = ORDER, theme: str = "light"
) -> tuple[Figure, str]:
    """The largest error of a soft minimum, at the left against β, at the right against the slope at a tie.

    Dots are measured, lines are the bounds β ↦ error_bound/β. ART has no bound of this form and gets dots joined by
    a thin line; its slope at a tie is no measure of its steepness, so it is left out at the right.

    Args:
        values: steepnesses β, from 0.1 to 20.
        art_lambda: λ of ART.
        names: keys of `topk_lib.SIGMOIDS`.

    Returns:
        The figure, and a caption with error × β and error × slope of each distribution.

    Raises:
        ValueError: an unknown name, or what `Comparator` refuses.
    """
    looks = looks_of(names, theme)
    sheet = Sheet(WIDTH, 430, theme)
    legend(sheet, 60, 22, looks.values())
    across, up = powers(0.1, 20), powers(0.002, 5)
    left = Plane(sheet, 60, 84, 400, 290, across, up, "largest error of a soft minimum", "steepness β (log)")
    right = Plane(sheet, 540, 84, 400, 290, across, up, "the same, at equal slopes", "slope of α at a tie (log)")
    gaps, parts = torch.cat([torch.linspace(0, 10, 2001), torch.logspace(1, 6, 101)]).double(), []
    for name, (shown, color, dashes, marker) in looks.items():
        comparators = [Comparator(name, beta, art_lambda) for beta in values]
        errors = [soft_minima(each, gaps / each.steepness).max() for each in comparators]  # the true minimum is 0
        left.dots(values, errors, color, marker)
        if name == "logistic_phi":
            left.curve(values, errors, color, dashes, 1.5)
            ends = f"{errors[0]:.3f} at β = {values[0]:g} and {errors[-1]:.4f} at {values[-1]:g}"
            parts.append(f"{shown} with λ = {art_lambda:g} has {ends}")
            continue
        bound, slope = SIGMOIDS[name].error_bound, SIGMOIDS[name].slope
        left.curve(values, [bound / beta for beta in values], color, dashes)
        inside = [(slope * b, e) for b, e in zip(values, errors, strict=True) if slope * b >= across.low]
        right.dots(*zip(*inside, strict=True), color, marker)
        ends = (across.low, across.high)
        right.curve(ends, [bound * slope / s for s in ends], color, dashes)
        times = errors[0] * values[0]
        parts.append(f"{shown} {times:.3f} (bound {bound:.3f}), times slope instead {times * slope:.3f}")
    return sheet.figure(), f"Largest error of a soft minimum times β: {'; '.join(parts)}."


@style.locked
def soft_minimum(
    steepness: float = 1.0, art_lambda: float = 0.25, names: Sequence[str] = ORDER, theme: str = "light"
) -> tuple[Figure, str]:
    """min'(0, b) of a soft comparator for b from -2/β to 10/β, a curve per distribution, beside the true minimum.

    A dot marks the top of every curve that falls again.

    Args:
        steepness: β of all of them.
        art_lambda: λ of ART.
        names: keys of `topk_lib.SIGMOIDS`.

    Returns:
        The figure, and a caption that says which curves fall, from where, and which never do.

    Raises:
        ValueError: an unknown name, or what `Comparator` refuses.
    """
    looks = looks_of(names, theme)
    sheet = Sheet(WIDTH, 420, theme)
    low, high = -2.0, 10.0

    def label(value: float) -> str:
        return f"{value / steepness:g}"

    scales = Scale(low, high, range(-2, 11, 2), label=label), Scale(-0.6, 0.9, (-0.5, 0, 0.5), label=label)
    plane = Plane(sheet, 60, 60, 690, 296, *scales, "soft minimum of 0 and b", "b")
    plane.curve([-0.6, 0, high], [-0.6, 0, 0], sheet.colors.ink, "-", 1.5)
    grid = np.linspace(low, high, 1201)
    fall, rest, falling = [], [], []
    for name, (shown, color, dashes, marker) in looks.items():
        comparator = Comparator(name, steepness, art_lambda)
        values = soft_minima(comparator, grid / steepness) * steepness
        plane.curve(grid, values, color, dashes)
        if (np.diff(values) < -1e-12).any():
            b, top = grid[values.argmax()], values.max()
            plane.dots([b], [top], color, marker, 12)
            falling.append(name)
            fall.append(f"{shown} falls from b = {b / steepness:.2f} on, where it is {top / steepness:.3f}")
        else:
            end, bound = high / steepness, SIGMOIDS[name].error_bound / steepness
            reached = soft_minima(comparator, [end])[0]
            rest.append(f"{shown} never falls and is {reached:.3f} at b = {end:g}, bound {bound:.3f}")
    rising = without_markers([look for name, look in looks.items() if name not in falling])
    y = 70
    for title, part in (("falls again", [looks[name] for name in falling]), ("never falls", rising)):
        if part:
            sheet.text(776, y, title, style.NORMAL, align="left", bold=True)
            y += 28 + legend(sheet, 776, y + 28, part, down=24) + 46
    legend(sheet, 776, y, [Look("true minimum", sheet.colors.ink)])
    return sheet.figure(), f"The soft minimum of 0 and b with β = {steepness:g}: {'; '.join(fall + rest)}."


def soft_minima(comparator: Comparator, b: Sequence[float]) -> np.ndarray:
    """min'(0, b) = (1-α(b))·b for every b."""
    gaps = torch.as_tensor(b, dtype=torch.float64)
    return (gaps * comparator.weights(gaps)[1]).numpy()


@style.locked
def tie_slopes(art_lambdas: Sequence[float] = (0.25, 0.5), theme: str = "light") -> tuple[Figure, str]:
    """The slope of α at gaps from 10⁻¹² to 10 with β = 1: logistic, and ART with one or two λ, in both formulas.

    Args:
        art_lambdas: at most two values of λ.

    Returns:
        The figure, and a caption with the slopes at a tie, as multiples of the logistic one.

    Raises:
        ValueError: no λ or more than two, or one out of range.
    """
    if not 1 <= len(art_lambdas) <= 2:
        raise ValueError(f"art_lambdas must hold one or two numbers, got {list(art_lambdas)}")
    sheet, gaps = Sheet(WIDTH, 420, theme), torch.logspace(-12, 1, 261).double()
    scales = powers(1e-12, 10, every=2), powers(0.01, 1e5)
    plane = Plane(sheet, 60, 52, 640, 310, *scales, "slope of α near a tie", "size of the gap |d| (log)")
    plane.upright(TIE_ZONE)
    plane.write(TIE_ZONE, 4e4, f"tie zone: |d| < {TIE_ZONE:g}  ", "right")
    logistic, blue, vermillion = Comparator("logistic", 1.0), *sheet.colors.series[:2]
    curves, parts = [], []
    for i, lam in enumerate(art_lambdas):
        comparator = Comparator("logistic_phi", 1.0, lam)
        original = Look(f"ART, λ = {lam:g}, original", vermillion, style.DASHES[2 * i + 1])
        library = Look(f"ART, λ = {lam:g}, library", blue, style.DASHES[2 * i])
        curves += [(original, original_slope(gaps, lam)), (library, comparator.slope(gaps))]
        times = original_slope(torch.zeros(1, dtype=torch.double), lam).item() / logistic.max_slope
        parts.append(
            f"with λ = {lam:g} the original formula is {times:.0f} times as steep as the logistic one, "
            f"the library {comparator.max_slope / logistic.max_slope:.2f} times"
        )
    for look, slopes in curves:
        plane.draw(gaps, slopes, look)
    plane.curve(gaps, logistic.slope(gaps), sheet.colors.ink, ":", 2)
    legend(sheet, 722, 70, [*(look for look, _ in curves), Look("logistic", sheet.colors.ink, ":")], down=30)
    return sheet.figure(), f"At a tie, {'; '.join(parts)}."


def original_slope(gaps: torch.Tensor, art_lambda: float) -> torch.Tensor:
    """The slope of σ(d / (|d| + 1e-10)^λ), by automatic differentiation."""
    return with_gradient(lambda d: torch.sigmoid(d / (d.abs() + CLOSEST) ** art_lambda), gaps)[1]


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

    A sort's output should never fall; a dot marks where a curve ends falling.

    Args:
        scores: n numbers.
        names: n class names.
        rising: the name of the class whose score moves.
        steepness: β of all networks.
        kinds: distributions, keys of `topk_lib.SIGMOIDS`.

    Returns:
        The figure, and a caption that says by how much each curve falls, and over which scores.

    Raises:
        ValueError: an unknown name or distribution, or scores that do not fit the names.
    """
    column, looks = class_index("rising", rising, names), looks_of(kinds, theme)
    moving = torch.from_numpy(as_scores(scores, names)).repeat(121, 1)
    moving[:, column] = torch.linspace(-3, 3, 121)
    sorters = {kind: SortingNetwork("odd_even", steepness, kind) for kind in looks}
    best = {kind: (sorter.matrix(moving, 1).squeeze(1) * moving).sum(1).numpy() for kind, sorter in sorters.items()}
    xs, true = moving[:, column].numpy(), moving.max(1).values.numpy()
    sheet = Sheet(WIDTH, 420, theme)
    everything = np.concatenate([true, *best.values()])
    low, high = np.floor(4 * everything.min() - 0.2) / 4, np.ceil(4 * everything.max() + 0.2) / 4
    up = Scale(low, high, [t for t in np.arange(-10, 10.5, 0.5) if low <= t <= high])
    title = f"softly sorted best score, β = {steepness:g}"
    plane = Plane(sheet, 60, 52, 690, 310, between(-3, 3, True, most=6), up, title, f"score of {rising}")
    plane.curve(xs, true, sheet.colors.ink, "-", 1.5)
    parts = []
    for kind, values in best.items():
        shown, color, dashes, marker = looks[kind]
        plane.curve(xs, values, color, dashes)
        steps = np.minimum(np.diff(values), 0)
        falls = np.flatnonzero(steps < -1e-9)
        if not len(falls):
            parts.append(f"the {shown} network never falls, from {values[0]:.2f} to {values[-1]:.2f}")
            continue
        end = falls[-1] + 1
        plane.dots(xs[[end]], values[[end]], color, marker, 12)
        down = f"{-steps.sum():.2f} in all, down to {values[end]:.2f} where {rising} has {xs[end]:.2f}"
        parts.append(f"the {shown} network falls by {down}")
    legend(sheet, 776, 70, [*without_markers(looks.values()), Look("hard sort", sheet.colors.ink)], down=30)
    said = f"While {rising} rises from {xs[0]:g} to {xs[-1]:g}, the soft best score of {'; that of '.join(parts)}."
    return sheet.figure(), said
