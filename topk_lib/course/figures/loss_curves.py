"""How losses, and their pull on the label, change while the label's score moves and the others stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import _validate
from ...experiments.drawing import style
from .permutation_matrix import as_scores

WIDTH, HEIGHT = 960, 380
MOST = 5


@style.locked
def loss_curves(
    losses: Mapping[str, Callable[[Tensor, Tensor], Tensor]],
    scores: Sequence[float],
    names: Sequence[str],
    label: str,
    values: Sequence[float],
    theme: str = "light",
) -> tuple[Figure, str]:
    """Loss at the left and its gradient on the label's score at the right, both over that score.

    Args:
        losses: name -> a function of scores (n,) and label () that returns a scalar; one to five.
        scores: n numbers; the label's own is replaced by each of the values.
        names: n class names.
        label: the name of the class that is right.
        values: at least two scores of the label, ascending.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with each loss and gradient at both ends.

    Raises:
        ValueError: a label that is no name, values that do not ascend, or more than fits.
    """
    if not 1 <= len(losses) <= MOST:
        raise ValueError(f"losses must hold one to {MOST}, got {len(losses)}")
    if len(values) < 2 or any(low >= high for low, high in pairwise(values)):
        raise ValueError(f"values must be at least two scores in ascending order, got {list(values)}")
    others, target = as_scores(scores, names), list(names).index(_validate.choice("label", label, names))
    curves = {name: _curve(loss, others, target, values) for name, loss in losses.items()}
    figure, colors = style.new_figure(WIDTH, HEIGHT, theme), style.theme_colors(theme).series
    left, right = figure.add_axes((0.06, 0.27, 0.41, 0.63)), figure.add_axes((0.56, 0.27, 0.41, 0.63))
    for i, (name, pair) in enumerate(curves.items()):
        for axes, curve in zip((left, right), pair, strict=True):
            look = {"color": colors[i], "linestyle": style.DASHES[i], "linewidth": style.points(3)}
            axes.plot(values, curve, label=name, **look)
    style.dress(left, theme, f"score of {label}", title="loss")
    style.dress(right, theme, f"score of {label}", title=f"gradient on {label}")
    ink = style.theme_colors(theme).ink
    handles, titles = left.get_legend_handles_labels()
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 0.02), "ncols": min(len(losses), 4)}
    figure.legend(handles, titles, frameon=False, fontsize=style.points(13), labelcolor=ink, handlelength=3.5, **place)
    return figure, _caption(curves, label, values)


def _curve(loss: Callable, others: np.ndarray, target: int, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """The loss and its gradient on the label at each of the values."""
    rows = torch.tensor(others).repeat(len(values), 1)
    rows[:, target] = torch.tensor(list(values), dtype=torch.float64)
    loss_of, gradient_of = [], []
    for row in rows:
        row.requires_grad_()
        value = loss(row, torch.tensor(target))
        gradient_of.append(torch.autograd.grad(value, row)[0][target].item())
        loss_of.append(value.item())
    return np.array(loss_of), np.array(gradient_of)


def _caption(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], label: str, values: Sequence[float]) -> str:
    told = (
        f"{name}: loss {_two(loss[0])} and {_two(loss[-1])}, gradient {_two(gradient[0])} and {_two(gradient[-1])}"
        for name, (loss, gradient) in curves.items()
    )
    ends = f"{values[0]:g} and of {values[-1]:g}".replace("-", "−")
    return f"At a score of {label} of {ends}: {'; '.join(told)}."


def _two(value: float) -> str:
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")
