"""From a P_K to rank weights, to a probability for every class, and to the push that each class gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...presets import P_K
from ...sorters import Relaxation
from .columns import nice_limit, signed_bars, stacked_columns
from .given import as_scores, best_first, cell_label, check_count, p_k_text, short, with_gradient

ASKS_FOR = {
    "cross-entropy": "the first place",
    "half and half": "half first, half any of five",
    "mostly top-5": "a quarter first",
    "nearly top-5": "a tenth first",
    "top-5 alone": "any of five places",
    "even": "the higher the better",
}
PAPER_P_K = {ASKS_FOR[name]: p_k for name, p_k in P_K.items()}
"""The six P_K of the paper's experiments, by what each asks for."""

SIX_P_K = tuple(tuple(map(float, p_k)) for p_k in PAPER_P_K.values())
"""The six P_K of the paper's experiments in their order, without the titles."""

WIDTH, MARGIN = 960, 16
MOST_CLASSES, MOST_P_K = 8, 6


@style.locked
def rank_weights(
    p_ks: Mapping[str, Sequence[float]],
    scores: Sequence[float],
    names: Sequence[str],
    sorter: Relaxation,
    label: int | None = None,
    theme: str = "light",
) -> tuple[Figure, str]:
    """Each P_K as columns, its rank weights as steps, and every class's probability of being in the top K.

    Block k is the part that K = k contributes: P_K(k) itself, to the weight of ranks 1 … k, and P_K(k) times the
    probability of being in the top k to that of a class. Classes stand in the order of their scores, best first.

    Args:
        p_ks: title -> P_K(1), P_K(2), …, at most as long as there are classes; at most 6 of them.
        scores: n numbers, n from 2 to 8.
        names: n class names.
        sorter: says how likely each class is to have each rank.
        label: the index of a class to mark, optional.

    Returns:
        The figure, and a caption with the rank weights, their sum E[K], and a class's probability: the label's, or
        that of the best class.

    Raises:
        ValueError: a P_K that does not sum to 1 or is too long, scores that do not fit, or an unknown label.
    """
    check_count("p_ks", p_ks, 1, MOST_P_K, "distributions")
    label = None if label is None else _validate.integer("label", label, 0, len(names) - 1)
    parts = {title: contributions(p_k, scores, names, sorter) for title, p_k in p_ks.items()}
    order = best_first(scores)
    ranked, marked = [names[j] for j in order], None if label is None else order.index(label)
    shown = order[0] if label is None else label
    sheet = Sheet(WIDTH, 44 + 120 * len(p_ks) + MARGIN, theme)
    charts = ((232, 176, "P_K(k)"), (446, 196, "weight of rank r"), (680, 264, "probability of the top K"))
    for x, width, heading in charts:
        sheet.text(x + width / 2, 22, heading, style.LARGE, bold=True)
    (x0, wide0, _), (x1, wide1, _), (x2, wide2, _) = charts
    sentences = []
    for i, (title, (p, weights, probabilities)) in enumerate(parts.items()):
        y = 66 + i * 120
        sheet.text(MARGIN, y + 6, title, style.NORMAL, align="left", bold=True)
        sheet.text(MARGIN, y + 29, p_k_text(p_ks[title]), style.NORMAL, align="left")
        sheet.text(MARGIN, y + 52, f"E[K] = {weights.sum():.1f}", style.NORMAL, align="left")
        stacked_columns(sheet, x0, y, wide0, 68, p)
        stacked_columns(sheet, x1, y, wide1, 68, weights)
        stacked_columns(sheet, x2, y, wide2, 68, probabilities[order], ranked, marked, cell_label)
        listed = ", ".join(short(weight) for weight in weights.sum(1))
        sentences.append(
            f"{title}, P_K = {p_k_text(np.diag(p))}: rank weights {listed}, E[K] = {weights.sum():.2f}, "
            f"{names[shown]} is in the top K with probability {probabilities[shown].sum():.2f}"
        )
    return sheet.figure(), "; ".join(sentences) + "."


def contributions(
    p_k: Sequence[float], scores: Sequence[float], names: Sequence[str], sorter: Relaxation
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each k contributes to P_K (k, k), to the weight of each rank (n, k), and to each class's probability (n, k).

    Raises:
        ValueError: P_K is no distribution over at most n ranks, or scores, names and their number do not fit.
    """
    values, n = as_scores(scores, names), len(names)
    check_count("names", names, 2, MOST_CLASSES, "classes")
    p = np.array(_validate.distribution_over_k("p_k", p_k))
    if len(p) > n:
        raise ValueError(f"p_k must not be longer than the number of classes, {n}, got {len(p)} entries")
    with torch.no_grad():
        P = sorter.matrix(torch.as_tensor(values), len(p)).double().numpy()
    within = np.arange(n)[:, None] < np.arange(1, len(p) + 1)  # rank r counts for k >= r
    return np.diag(p), within * p, P.cumsum(0).T * p


@style.locked
def p_k_effect(
    p_k: Sequence[float],
    scores: Sequence[float],
    names: Sequence[str],
    sorter: Relaxation,
    label: int,
    theme: str = "light",
) -> tuple[Figure, str]:
    """P_K, the rank weights, every class's probability of being in the top K, and the push on every score.

    The loss is that of ``top1_mode="sort"``: every probability, that of rank 1 too, comes from the sorter.

    Args:
        p_k: P_K(1), P_K(2), …, at most as many as there are classes.
        scores: n numbers, n from 2 to 8.
        names: n class names.
        sorter: says how likely each class is to have each rank.
        label: the index of the class that is right.

    Returns:
        The figure, of one size whatever the numbers, and a caption with all of them.

    Raises:
        ValueError: a P_K that does not sum to 1 or is too long, scores that do not fit, or an unknown label.
    """
    label = _validate.integer("label", label, 0, len(names) - 1)
    p, weights, probabilities = contributions(p_k, scores, names, sorter)
    loss, push = loss_and_push(p_k, as_scores(scores, names), sorter, label)
    order = best_first(scores)
    ranked, marked = [names[j] for j in order], order.index(label)
    sheet = Sheet(WIDTH, 456, theme)
    _chart(sheet, 28, 230, "P_K(k)", "how often k guesses are allowed")
    stacked_columns(sheet, 28, 90, 230, 330, p)
    _chart(sheet, 312, 250, "weight of rank r", "how often at least r guesses are allowed")
    stacked_columns(sheet, 312, 90, 250, 330, weights)
    together = f"best score first; together {weights.sum():.2f} = E[K]"
    _chart(sheet, 612, 320, "probability of being in the top K", together)
    stacked_columns(sheet, 612, 90, 320, 130, probabilities[order], ranked, marked, cell_label)
    limit = nice_limit(float(abs(push).max()))
    below = f"loss of {names[label]} {loss:.3f}; a bar of full length is {limit:g}"
    _chart(sheet, 612, 320, "push on the score = −gradient", below, 270)
    slot = 320 / len(order)
    signed_bars(sheet, 612, 312, slot, 116, push[order], limit, 3, marked)
    sheet.frame(612 + marked * slot + 1, 308, slot - 2, 122, sheet.colors.ink, 1.6)
    sheet.text(612 + (marked + 0.5) * slot, 440, "label", style.NORMAL, bold=True)
    listed, of_ranks = (", ".join(f"{number:.2f}" for number in some) for some in (p_k, weights.sum(1)))
    of_classes = ", ".join(f"{names[j]} {probabilities[j].sum():.2f}" for j in order)
    three = ("0.000" if abs(push[j]) < 0.0005 else f"{push[j]:+.3f}" for j in order)
    pushes = ", ".join(f"{names[j]} {moved}" for j, moved in zip(order, three, strict=True))
    return sheet.figure(), (
        f"P_K = [{listed}], E[K] = {weights.sum():.2f}; rank weights {of_ranks}; probabilities of being in the top K: "
        f"{of_classes}; the label {names[label]} has loss {loss:.3f}, pushes on the scores: {pushes}."
    )


def loss_and_push(p_k: Sequence[float], scores: np.ndarray, sorter: Relaxation, label: int) -> tuple[float, np.ndarray]:
    """-log of the label's probability, and (n,) minus its gradient: which way each score is moved."""
    loss, right = TopKCrossEntropyLoss(p_k, sorter, top1_mode="sort"), torch.tensor(label)
    value, gradient = with_gradient(lambda leaf: loss(leaf, right), torch.from_numpy(scores))
    return value.item(), -gradient.numpy()


def _chart(sheet: Sheet, x: float, width: float, title: str, below: str, y: float = 20) -> None:
    sheet.text(x + width / 2, y, title, style.LARGE, bold=True)
    sheet.note(x + width / 2, y + 23, below, "center")
