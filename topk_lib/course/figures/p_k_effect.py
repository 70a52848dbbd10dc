"""What one P_K does to one image: rank weights, chances of the classes, and the push that each class gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from ...losses import topk_cross_entropy
from ...sorters import Sorter
from .gradient_bars import nice_limit
from .rank_weights import best_first, contributions, numbers
from .stacked_columns import frame, stacked_columns, two_decimals

WIDTH, HEIGHT = 960, 456
COLUMNS = ((28, 230), (312, 250), (612, 320))  # where the three charts begin, and how wide they are
TOP, TALL, TALLER = 90, 130, 330  # of the charts; P_K and the weights use the whole height
PUSH_TOP, PUSH_REACH = 312, 38  # where the pushes begin, and the longest bar


@dataclass(frozen=True, eq=False)
class Effect:
    """One image under one P_K.

    Attributes:
        p, weights, chances: what each k contributes to P_K (k, k), rank weights (n, k) and classes (n, k).
        loss: -log of the label's chance.
        push: (n,), minus the gradient of the loss: which way each score is moved.
    """

    p: np.ndarray
    weights: np.ndarray
    chances: np.ndarray
    loss: float
    push: np.ndarray


@style.locked
def p_k_effect(
    p_k: Sequence[float],
    scores: Sequence[float],
    names: Sequence[str],
    sorter: Sorter,
    label: int,
    theme: str = "light",
) -> tuple[Figure, str]:
    """P_K, the rank weights, every class's chance to be in the top K, and the push on every score.

    The loss is that of ``top1_mode="sort"``: every chance, that of rank 1 too, comes from the sorter.

    Args:
        p_k: P_K(1), P_K(2), …, at most as many as there are classes.
        scores: n numbers, n from 2 to 8.
        names: n class names.
        sorter: says how likely each class is to have each rank.
        label: the index of the class that is right.
        theme: "light" or "dark".

    Returns:
        The figure, of one size whatever the numbers, and a caption with all of them.

    Raises:
        ValueError: a P_K that does not sum to 1 or is too long, scores that do not fit, or an unknown label.
    """
    label = _validate.integer("label", label, 0, len(names) - 1)
    effect = effect_of(p_k, scores, names, sorter, label)
    order = best_first(scores)
    sheet = Sheet(WIDTH, HEIGHT, theme)
    _draw_weights(sheet, effect)
    _draw_chances(sheet, effect, [names[j] for j in order], order, order.index(label))
    _draw_push(sheet, effect, order, order.index(label), names[label])
    return sheet.figure(), _describe(p_k, effect, names, label, order)


def effect_of(
    p_k: Sequence[float], scores: Sequence[float], names: Sequence[str], sorter: Sorter, label: int
) -> Effect:
    """The numbers of `p_k_effect`; its arguments and errors are the same."""
    p, weights, chances = contributions(p_k, scores, names, sorter)
    leaf = torch.tensor([float(score) for score in scores], dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        loss = topk_cross_entropy(leaf, torch.tensor(label), p_k, sorter, top1_mode="sort")
    (gradient,) = torch.autograd.grad(loss, leaf)
    return Effect(p, weights, chances, loss.item(), -gradient.numpy())


def _heading(sheet: Sheet, chart: int, y: float, title: str, below: str) -> None:
    x, width = COLUMNS[chart]
    sheet.text(x + width / 2, y, title, style.LARGE, bold=True)
    sheet.text(x + width / 2, y + 23, below, style.SMALL, sheet.colors.muted)


def _draw_weights(sheet: Sheet, effect: Effect) -> None:
    _heading(sheet, 0, 20, "P_K(k)", "how often k guesses are allowed")
    _heading(sheet, 1, 20, "weight of rank r", "how often at least r guesses are allowed")
    for (x, width), stacks in zip(COLUMNS, (effect.p, effect.weights), strict=False):
        stacked_columns(sheet, x, TOP, width, TALLER, stacks, numbers(stacks))


def _draw_chances(sheet: Sheet, effect: Effect, ranked: Sequence[str], order: Sequence[int], marked: int) -> None:
    _heading(sheet, 2, 20, "chance to be in the top K", f"best score first; together {effect.weights.sum():.2f} = E[K]")
    x, width = COLUMNS[2]
    stacked_columns(sheet, x, TOP, width, TALL, effect.chances[order], ranked, marked, two_decimals)


def _draw_push(sheet: Sheet, effect: Effect, order: Sequence[int], marked: int, label: str) -> None:
    """Bars up and down from a line, on a scale that fits and is told."""
    scale = nice_limit(float(abs(effect.push).max()))
    below = f"loss of {label} {effect.loss:.3f}; a bar of full length is {scale:g}"
    _heading(sheet, 2, 270, "push on the score = −gradient", below)
    x, width = COLUMNS[2]
    middle, slot = PUSH_TOP + PUSH_REACH + 20, width / len(order)
    up, down = sheet.colors.series[:2]
    for place, j in enumerate(order):
        value, at = effect.push[j], x + (place + 0.5) * slot
        tall = float(value) / scale * PUSH_REACH
        sheet.box(at - 0.34 * slot, middle - max(tall, 0), 0.68 * slot, abs(tall), up if tall > 0 else down)
        at_y = middle - tall - 10 if value > 0 else middle - tall + 11
        sheet.text(at, at_y, signed(value), style.SMALL, bold=place == marked)
    sheet.line((x, middle), (x + width, middle), sheet.colors.muted)
    frame(sheet, x + marked * slot + 1, PUSH_TOP - 4, slot - 2, 2 * PUSH_REACH + 46)
    sheet.text(x + (marked + 0.5) * slot, middle + PUSH_REACH + 32, "label", style.NORMAL, bold=True)


def signed(value: float) -> str:
    """A push with its sign and no leading zero: "+1.12", "−.25", "−.005", "0"."""
    if abs(value) < 0.0005:
        return "0"
    digits = f"{abs(value):.2f}" if abs(value) >= 0.1 else f"{abs(value):.3f}"
    return ("+" if value > 0 else "−") + digits.removeprefix("0")


def _three_digits(value: float) -> str:
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}"


def _describe(p_k: Sequence[float], effect: Effect, names: Sequence[str], label: int, order: Sequence[int]) -> str:
    listed = ", ".join(f"{p:.2f}" for p in p_k)
    weights = ", ".join(f"{weight:.2f}" for weight in effect.weights.sum(1))
    chances = ", ".join(f"{names[j]} {effect.chances[j].sum():.2f}" for j in order)
    pushes = ", ".join(f"{names[j]} {_three_digits(effect.push[j])}" for j in order)
    return (
        f"P_K = [{listed}], E[K] = {effect.weights.sum():.2f}; rank weights {weights}; chances to be in the top K: "
        f"{chances}; the label {names[label]} has loss {effect.loss:.3f}, pushes on the scores: {pushes}."
    )
