"""What steepness trades: the distance to the hard sort against the gradient that reaches the scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, between, legend, powers
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...sigmoids import Comparator, steepness_for
from ...sorters import Relaxation, SortingNetwork
from .comparators import ORDER, looks_of
from .given import as_matrix, as_scores, check_count, class_index, with_gradient
from .heat_map import CELL, HeatMap, describe

WIDTH = 960
LOWEST, HIGHEST = 1 / 16, 64.0
TICKS = {1 / 16: "1/16", 1 / 4: "1/4", 1: "1", 4: "4", 16: "16", 64: "64"}
VALUES = tuple(2 ** (i / 2) for i in range(-8, 13))
MOST_CLASSES = 8
CERTAINTIES = (0.6, 0.75, 0.9, 0.97)
SILENT = 0.01

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


@dataclass(frozen=True)
class Cost:
    """What one distribution does at one certainty, over a batch.

    Attributes:
        steepness: β, from the certainty and the gap.
        misplaced: the share of the top k that P gives to classes which are not among them, on average.
        silent: of the examples whose label is not among the k best, the share whose loss has a gradient of norm
            below 0.01; 0 if there is none.
    """

    steepness: float
    misplaced: float
    silent: float


def typical_gap(scores: torch.Tensor, k: int) -> float:
    """The median distance of neighbours among the best k+1 of the scores (B, n)."""
    best = scores.sort(dim=1, descending=True).values[:, : k + 1]
    return -best.diff(dim=1).median().item()


def certainty_costs(
    scores: torch.Tensor,
    labels: torch.Tensor,
    k: int,
    names: Sequence[str] = ORDER,
    certainties: Sequence[float] = CERTAINTIES,
) -> dict[str, list[Cost]]:
    """The cost of every certainty at the typical gap, for splitter selection networks and the top-k loss.

    Args:
        scores: shape (B, n).
        labels: shape (B,).
        k: all of P_K lies on it.
        names: keys of `topk_lib.SIGMOIDS`.
        certainties: wished α at `typical_gap`.
    """
    gap = typical_gap(scores, _validate.integer("k", k, 1, scores.shape[1] - 1))
    best = scores.topk(k, dim=1).indices
    wrong = (best != labels.unsqueeze(1)).all(dim=1)

    def cost(name: str, certainty: float) -> Cost:
        steepness = steepness_for(gap, certainty, name)
        sorter = SortingNetwork(steepness=steepness, distribution=name)
        loss_of = TopKCrossEntropyLoss([0.0] * (k - 1) + [1.0], sorter, reduction="sum")
        _, gradient = with_gradient(lambda leaf: loss_of(leaf, labels), scores)
        probabilities = sorter.class_probabilities(scores, scores.new_ones(k)).gather(1, best)
        silent = (gradient.norm(dim=1) < SILENT) & wrong
        return Cost(steepness, 1 - probabilities.mean().item(), silent.sum().item() / max(1, wrong.sum().item()))

    return {name: [cost(name, certainty) for certainty in certainties] for name in looks_of(names, "light")}


@style.locked
def certainty_trade(
    found: Mapping[str, Sequence[Cost]], certainties: Sequence[float] = CERTAINTIES, theme: str = "light"
) -> tuple[Figure, str]:
    """Wrong places across, wrong examples without a gradient upwards; a line per distribution, a dot per certainty.

    Args:
        found: what `certainty_costs` returned.
        certainties: those of `certainty_costs`; written beside the highest line.

    Returns:
        The figure, and a caption with both shares for each distribution and certainty.

    Raises:
        ValueError: a distribution does not have one cost per certainty.
    """
    for name, row in found.items():
        if len(row) != len(certainties):
            raise ValueError(f"found[{name!r}] must hold {len(certainties)} costs, got {len(row)}")
    looks, sheet = looks_of(list(found), theme), Sheet(WIDTH, 430, theme)
    legend(sheet, 60, 22, looks.values())
    share = between(0, 0.8, most=4)
    title = "share of wrong examples without a gradient"
    plane = Plane(sheet, 60, 84, 880, 290, share, share, title, "share of the top k that goes to wrong classes")
    parts = []
    for name, row in found.items():
        across, up = [cost.misplaced for cost in row], [cost.silent for cost in row]
        plane.draw(across[::-1], up[::-1], looks[name])
        numbers = ", ".join(f"{cost.misplaced:.2f} | {cost.silent:.2f}" for cost in row)
        parts.append(f"{looks[name].name} {numbers}")
    highest = max(found.values(), key=lambda row: row[-1].silent)
    for certainty, cost in zip(certainties, highest, strict=True):
        plane.write(cost.misplaced, cost.silent, f"  α = {certainty:g}", above=9)
    asked = ", ".join(f"{certainty:g}" for certainty in certainties)
    return sheet.figure(), f"Wrong places | wrong examples without a gradient at α = {asked}: {'; '.join(parts)}."
