"""What steepness trades: the distance to the hard sort against the gradient that reaches the scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, powers
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...sigmoids import Comparator
from ...sorters import Relaxation, SortingNetwork
from .given import as_matrix, as_scores, check_count, class_index, with_gradient
from .heat_map import CELL, HeatMap, describe

WIDTH = 960
LOWEST, HIGHEST = 1 / 16, 64.0
TICKS = {1 / 16: "1/16", 1 / 4: "1/4", 1: "1", 4: "4", 16: "16", 64: "64"}
VALUES = tuple(2 ** (i / 2) for i in range(-8, 13))
MOST_CLASSES = 8

Make = Callable[[float], Relaxation]


@dataclass(frozen=True, eq=False)
class Trade:
    """What becomes of one set of scores at several steepnesses.

    Attributes:
        values: the steepnesses β, ascending.
        misplaced: the share of all probabilities that P gives to wrong ranks, 1 - mean of P[r, class of rank r].
        losses: -log of the label's probability of being among the top k, with the library's floor of 1e-7.
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
    batch, labels = s.expand(len(steepnesses), -1), torch.full((len(steepnesses),), label)
    losses, gradient = with_gradient(lambda leaf: loss_of(factors * leaf, labels), batch)
    P = sorter.matrix(factors * batch)
    misplaced = 1 - P[:, torch.arange(len(s)), order].mean(1)
    return Trade(*(column.numpy() for column in (steepnesses, misplaced, losses, gradient.norm(dim=1))))


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

    The loss is minus the logarithm of the label's probability of being among the top k. The panel `SteepnessExplorer`
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

    Returns:
        The figure, always of one size, and a caption with the numbers of this steepness and the largest gradient.

    Raises:
        ValueError: more than 8 classes, an unknown label, or k or steepness out of range.
    """
    values = as_scores(scores, names)
    check_count("names", names, 1, MOST_CLASSES, "classes")
    if not LOWEST <= steepness <= HIGHEST:
        raise ValueError(f"steepness must be between 1/16 and {HIGHEST:g}, got {steepness!r}")
    column, k = class_index("label", label, names), _validate.integer("k", k, 1, len(names))
    curves = trade(make, VALUES, values, column, k) if curves is None else curves
    now = trade(make, (steepness,), values, column, k)
    with torch.no_grad():
        P = as_matrix("P", make(steepness).matrix(torch.from_numpy(values)), names)
    sheet, asked = Sheet(WIDTH, 476, theme), f"{label} in the top {k}"
    HeatMap(P, names, title, min(CELL, 6 * CELL / len(names)), values).draw(sheet, 16, 0, 102)
    _draw_curves(sheet, curves, now, f"gradient of the loss “{asked}”")
    steepnesses, gradients = np.append(curves.values, now.values), np.append(curves.gradients, now.gradients)
    top = gradients.argmax()
    return sheet.figure(), (
        f"{', '.join(title.splitlines())}: {describe(P, names)}; {now.misplaced[0]:.3f} of all probabilities "
        f"are in a wrong place; the loss “{asked}” is {now.losses[0]:.3f}, its gradient's norm "
        f"{size_label(now.gradients[0])}, at "
        f"most {gradients[top]:.3f}, at β = {steepnesses[top]:.3g}."
    )


def _draw_curves(sheet: Sheet, curves: Trade, now: Trade, loss: str) -> None:
    across = Scale(LOWEST, HIGHEST, tuple(TICKS), log=True, label=TICKS.__getitem__)
    planes = (
        (52, Scale(0, 1, (0, 0.5, 1)), "share of probabilities in a wrong place", curves.misplaced, now.misplaced),
        (282, powers(1e-3, 1000), f"{loss}, norm (log)", curves.gradients, now.gradients),
    )
    for i, (top, up, title, values, (point,)) in enumerate(planes):
        plane = Plane(sheet, 440, top, 500, 132, across, up, title, "steepness β (log)")
        _, color, dashes, marker = style.numbered_look(sheet.theme, title, i)
        plane.curve(curves.values, values, color, dashes)
        plane.upright(now.values[0])
        plane.dots(now.values, [point], color, marker, 13)
        # The present value stands beside the upright line: to the side with more room, away from the point.
        x, y = plane.place(now.values[0], up.high)
        y += plane.height - 14 if up.fraction(point) > 0.5 else 14
        aside, align = (-10, "right") if across.fraction(now.values[0]) > 0.5 else (10, "left")
        sheet.text(float(x) + aside, float(y), size_label(point), style.NORMAL, align=align, bold=True)


def size_label(value: float) -> str:
    """Three decimals, or what is below them in words."""
    return f"{value:.3f}" if value >= 0.0005 else "below 0.001"
