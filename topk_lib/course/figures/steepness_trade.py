"""What steepness trades: the distance to the hard sort against the gradient that reaches the scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, power_of_ten
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...sigmoids import Comparator
from ...sorters import Sorter, SortingNetwork
from .heat_map import CELL, HeatMap
from .permutation_matrix import as_matrix, as_scores, describe

WIDTH, HEIGHT, HEAD = 960, 476, 102
LEFT, PLANE, TALL = 440, 500, 132  # where the curves begin, their width and height
LOWEST, HIGHEST = 1 / 16, 64.0
VALUES = tuple(2 ** (i / 2) for i in range(-8, 13))
MOST_CLASSES = 8
VANISHED, LARGE = 1e-3, 1000.0

Make = Callable[[float], Sorter]


@dataclass(frozen=True, eq=False)
class Trade:
    """What becomes of one set of scores at several steepnesses.

    Attributes:
        values: the steepnesses β, ascending.
        misplaced: the share of all chances that P gives to wrong ranks, 1 - mean of P[r, class of rank r].
        losses: -log of the label's chance to be among the top k, with the library's floor of 1e-7.
        gradients: Euclidean norm of the loss's gradient with respect to the scores.
    """

    values: np.ndarray
    misplaced: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray


class Spread(Comparator):
    """A comparator whose steepness is a tensor: one number per sample of the batch, not checked."""

    def __post_init__(self) -> None:
        pass

    def _steepen(self, values: torch.Tensor) -> torch.Tensor:
        return self.steepness * values


def trade(make: Make, values: Sequence[float], scores: Sequence[float], label: int, k: int) -> Trade:
    """Error, loss and gradient at every steepness, as one batch.

    Args:
        make: builds the library's sorter of a steepness; its temperature, where it has one, is 1/steepness.
        values: steepnesses.
        scores: n numbers.
        label: the class whose loss is taken.
        k: the loss asks for the label among the k best.
    """
    steepnesses = torch.as_tensor(values, dtype=torch.float64)
    s = torch.as_tensor(scores, dtype=torch.float64)
    order = s.sort(descending=True, stable=True).indices
    sorter, factors = make(1.0), steepnesses.unsqueeze(1)
    if isinstance(sorter, SortingNetwork):  # ART does not scale with the scores, all others do
        sorter.comparator, factors = Spread(sorter.distribution, steepnesses, sorter.art_lambda), 1.0
    loss_of = TopKCrossEntropyLoss([0.0] * (k - 1) + [1.0], sorter, top1_mode="sort", reduction="none")
    with torch.enable_grad():
        batch = s.expand(len(steepnesses), -1).clone().requires_grad_()
        losses = loss_of(factors * batch, torch.full((len(steepnesses),), label))
        (gradient,) = torch.autograd.grad(losses.sum(), batch)
    P = sorter(factors * batch.detach())
    misplaced = 1 - P[:, torch.arange(len(s)), order].mean(1)
    return Trade(*(column.detach().numpy() for column in (steepnesses, misplaced, losses, gradient.norm(dim=1))))


@style.locked
def steepness_trade(
    make: Make,
    steepness: float,
    scores: Sequence[float],
    names: Sequence[str],
    label: str,
    k: int,
    title: str,
    curves: Trade | None = None,
    theme: str = "light",
) -> tuple[Figure, str]:
    """P at one steepness, and over all steepnesses its distance to the hard sort and a loss's gradient.

    The loss is minus the logarithm of the label's chance to be among the top k. The panel `SteepnessExplorer`
    draws itself with this function.

    Args:
        make: builds the sorter of a steepness.
        steepness: β, from 1/16 to 64, marked in both curves.
        scores: n numbers.
        names: n class names, at most 8.
        label: the name of the class whose loss is taken.
        k: the loss asks for the label among the k best.
        title: of P, one line or two.
        curves: of the same scores, label and k, where they are known already.
        theme: "light" or "dark".

    Returns:
        The figure, always of one size, and a caption with the numbers of this steepness and the largest gradient.

    Raises:
        ValueError: more than 8 classes, an unknown label, or k or steepness out of range.
    """
    values = as_scores(scores, names)
    if len(names) > MOST_CLASSES:
        raise ValueError(f"names must hold at most {MOST_CLASSES} classes, got {len(names)}")
    if not LOWEST <= steepness <= HIGHEST:
        raise ValueError(f"steepness must be between 1/16 and {HIGHEST:g}, got {steepness!r}")
    column = list(names).index(_validate.choice("label", label, names))
    k = _validate.integer("k", k, 1, len(names))
    curves = trade(make, VALUES, values, column, k) if curves is None else curves
    now = trade(make, (steepness,), values, column, k)
    with torch.no_grad():
        P = as_matrix("P", make(steepness)(torch.from_numpy(values)), names)
    sheet = Sheet(WIDTH, HEIGHT, theme)
    cell = min(CELL, 6 * CELL / len(names))
    HeatMap(P, names, title, cell, values).draw(sheet, 16, 0, HEAD)
    _draw_curves(sheet, curves, now, f"gradient of the loss “{label} in the top {k}”")
    return sheet.figure(), _caption(P, curves, now, names, f"{label} in the top {k}", title)


def _draw_curves(sheet: Sheet, curves: Trade, now: Trade, name: str) -> None:
    across = Scale(LOWEST, HIGHEST, (1 / 16, 1 / 4, 1, 4, 16, 64), log=True, label=_fraction)
    share = Scale(0, 1, (0, 0.5, 1))
    size = Scale(VANISHED, LARGE, (0.001, 0.01, 0.1, 1, 10, 100, 1000), log=True, label=power_of_ten)
    for top, up, title, values, point, look in (
        (52, share, "share of chances in a wrong place", curves.misplaced, now.misplaced, (0, "-", "o")),
        (282, size, name + ", norm (log)", curves.gradients, now.gradients, (1, "--", "s")),
    ):
        plane = Plane(sheet, LEFT, top, PLANE, TALL, across, up, title, "steepness β (log)")
        series, dashes, marker = look
        plane.curve(curves.values, values, sheet.colors.series[series], dashes)
        plane.upright(now.values[0])
        plane.dots(now.values, point, sheet.colors.series[series], marker, 13)
        _write_beside(plane, now.values[0], point[0], low=up.fraction(point[0]) > 0.5)


def _write_beside(plane: Plane, at: float, value: float, low: bool) -> None:
    """The present value beside the upright line: to the side with more room, away from the point."""
    left = plane.across.fraction(at) > 0.5
    x, _ = plane.place(at, plane.up.high)
    look = {"align": "right" if left else "left", "bold": True}
    y = plane.y + (plane.height - 14 if low else 14)
    plane.sheet.text(float(x) + (-10 if left else 10), y, size_label(value), style.NORMAL, **look)


def size_label(value: float) -> str:
    """Three decimals, or what is below them in words."""
    return f"{value:.3f}" if value >= 0.0005 else "below 0.001"


def _fraction(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:g}"


def _caption(P: np.ndarray, curves: Trade, now: Trade, names: Sequence[str], asked: str, title: str) -> str:
    values, gradients = (np.append(getattr(curves, part), getattr(now, part)) for part in ("values", "gradients"))
    top = gradients.argmax()
    return (
        f"{', '.join(title.splitlines())}: {describe(P, names)}; {now.misplaced[0]:.3f} of all chances are in a wrong "
        f"place; the loss “{asked}” is {now.losses[0]:.3f}, its gradient's norm {size_label(now.gradients[0])}, at "
        f"most {gradients[top]:.3f}, at β = {values[top]:.3g}."
    )
