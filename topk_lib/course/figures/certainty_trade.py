"""Which certainty to ask for: what it costs in wrong places, and how many wrong examples it leaves helpless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...sigmoids import steepness_for
from ...sorters import SortingNetwork
from . import distributions

WIDTH, HEIGHT = 960, 430
CERTAINTIES = (0.6, 0.75, 0.9, 0.97)
SILENT = 0.01


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
    names: Sequence[str] = distributions.ORDER,
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
        with torch.enable_grad():
            batch = scores.detach().clone().requires_grad_()
            (gradient,) = torch.autograd.grad(loss_of(batch, labels), batch)
        chances = sorter.class_probabilities(scores, scores.new_ones(k)).gather(1, best)
        silent = (gradient.norm(dim=1) < SILENT) & wrong
        return Cost(steepness, 1 - chances.mean().item(), silent.sum().item() / max(1, wrong.sum().item()))

    return {name: [cost(name, certainty) for certainty in certainties] for name in distributions.checked(names)}


@style.locked
def certainty_trade(
    found: dict[str, list[Cost]], certainties: Sequence[float] = CERTAINTIES, theme: str = "light"
) -> tuple[Figure, str]:
    """Wrong places across, wrong examples without a gradient upwards; a line per distribution, a dot per certainty.

    Args:
        found: what `certainty_costs` returned.
        certainties: those of `certainty_costs`.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with both shares for each distribution and certainty.

    Raises:
        ValueError: a distribution does not have one cost per certainty.
    """
    for name, row in found.items():
        if len(row) != len(certainties):
            raise ValueError(f"found[{name!r}] must hold {len(certainties)} costs, got {len(row)}")
    sheet = Sheet(WIDTH, HEIGHT, theme)
    legend(sheet, 60, 22, distributions.legend_entries(list(found), theme, markers=True))
    share = Scale(0, 0.8, (0, 0.2, 0.4, 0.6, 0.8))
    title = "share of wrong examples without a gradient"
    plane = Plane(sheet, 60, 84, 880, 290, share, share, title, "share of the top k that goes to wrong classes")
    for name, row in found.items():
        color, dashes, marker = distributions.look(name, theme)
        across, up = [cost.misplaced for cost in row], [cost.silent for cost in row]
        plane.curve(across[::-1], up[::-1], color, dashes)
        plane.dots(across, up, color, marker)
    _write_certainties(plane, found, certainties)
    return sheet.figure(), _caption(found, certainties)


def _write_certainties(plane: Plane, found: dict[str, list[Cost]], certainties: Sequence[float]) -> None:
    """The certainties beside the highest line."""
    highest = max(found.values(), key=lambda row: row[-1].silent)
    for certainty, cost in zip(certainties, highest, strict=True):
        plane.write(cost.misplaced, cost.silent, f"  α = {certainty:g}", above=9)


def _caption(found: dict[str, list[Cost]], certainties: Sequence[float]) -> str:
    parts = []
    for name, row in found.items():
        numbers = (f"{cost.misplaced:.2f} | {cost.silent:.2f}" for cost in row)
        parts.append(f"{distributions.SHOWN_AS[name]} {', '.join(numbers)}")
    asked = ", ".join(f"{certainty:g}" for certainty in certainties)
    return f"Wrong places | wrong examples without a gradient at α = {asked}: {'; '.join(parts)}."
