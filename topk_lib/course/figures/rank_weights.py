"""From a P_K to rank weights to a chance for every class, one line per P_K."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from ...presets import P_K
from ...sorters import Sorter
from .permutation_matrix import as_scores
from .stacked_columns import p_k_text, short, stacked_columns, two_decimals

PAPER_P_K: dict[str, tuple[float, ...]] = {
    "the first place": P_K["cross-entropy"],
    "half first, half any of five": P_K["half and half"],
    "a quarter first": P_K["mostly top-5"],
    "a tenth first": P_K["nearly top-5"],
    "any of five places": P_K["top-5 alone"],
    "the higher the better": P_K["even"],
}
"""The six P_K of the paper's experiments, by what each asks for."""

WIDTH, MARGIN = 960, 16
HEAD, ROW, COLUMN = 44, 120, 68  # room for the headings, for one P_K, and of that for the columns
PLACES = (232, 446, 680)  # room for the titles; where the three charts begin
HEADINGS = ("P_K(k)", "weight of rank r", "chance to be in the top K")
WIDTHS = (176, 196, 264)
MOST_CLASSES, MOST_P_K = 8, 6


@style.locked
def rank_weights(
    p_ks: Mapping[str, Sequence[float]],
    scores: Sequence[float],
    names: Sequence[str],
    sorter: Sorter,
    label: int | None = None,
    theme: str = "light",
) -> tuple[Figure, str]:
    """Each P_K as columns, its rank weights as steps, and every class's chance to be in the top K.

    Block k is the part that K = k contributes: P_K(k) itself, to the weight of ranks 1 … k, and P_K(k) times the
    chance to be in the top k to the chance of a class. Classes stand in the order of their scores, best first.

    Args:
        p_ks: title -> P_K(1), P_K(2), …, at most as long as there are classes; at most 6 of them.
        scores: n numbers, n from 2 to 8.
        names: n class names.
        sorter: says how likely each class is to have each rank.
        label: the index of a class to mark, optional.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the rank weights, their sum E[K], and a class's chance: the label's, or
        that of the best class.

    Raises:
        ValueError: a P_K that does not sum to 1 or is too long, scores that do not fit, or an unknown label.
    """
    if not 1 <= len(p_ks) <= MOST_P_K:
        raise ValueError(f"p_ks must hold 1 to {MOST_P_K} distributions, got {len(p_ks)}")
    label = None if label is None else _validate.integer("label", label, 0, len(names) - 1)
    parts = {title: contributions(p_k, scores, names, sorter) for title, p_k in p_ks.items()}
    order = best_first(scores)
    ranked = [names[j] for j in order]
    marked = None if label is None else order.index(label)
    sheet = Sheet(WIDTH, HEAD + ROW * len(p_ks) + MARGIN, theme)
    for x, width, heading in zip(PLACES, WIDTHS, HEADINGS, strict=True):
        sheet.text(x + width / 2, 22, heading, style.LARGE, bold=True)
    for i, (title, (p, weights, chances)) in enumerate(parts.items()):
        y = HEAD + i * ROW + 22
        _write_title(sheet, y, title, p_ks[title])
        stacked_columns(sheet, PLACES[0], y, WIDTHS[0], COLUMN, p, numbers(p))
        stacked_columns(sheet, PLACES[1], y, WIDTHS[1], COLUMN, weights, numbers(weights))
        stacked_columns(sheet, PLACES[2], y, WIDTHS[2], COLUMN, chances[order], ranked, marked, two_decimals)
    shown = order[0] if label is None else label
    sentences = (_describe(title, part, names[shown], shown) for title, part in parts.items())
    return sheet.figure(), "; ".join(sentences) + "."


def contributions(
    p_k: Sequence[float], scores: Sequence[float], names: Sequence[str], sorter: Sorter
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each k contributes to P_K (k, k), to the weight of each rank (n, k), and to each class's chance (n, k).

    Raises:
        ValueError: P_K is no distribution over at most n ranks, or scores, names and their number do not fit.
    """
    values, n = as_scores(scores, names), len(names)
    if not 2 <= n <= MOST_CLASSES:
        raise ValueError(f"names must hold 2 to {MOST_CLASSES} classes, got {n}")
    p = np.array(_validate.distribution_over_k("p_k", p_k))
    if len(p) > n:
        raise ValueError(f"p_k must not be longer than the number of classes, {n}, got {len(p)} entries")
    with torch.no_grad():
        P = sorter(torch.as_tensor(values), len(p)).double().numpy()
    within = np.arange(n)[:, None] < np.arange(1, len(p) + 1)  # rank r counts for k >= r
    return np.diag(p), within * p, P.cumsum(0).T * p


def best_first(scores: Sequence[float]) -> list[int]:
    """Class indices in the order of their scores, best first."""
    return sorted(range(len(scores)), key=lambda j: -float(scores[j]))


def _write_title(sheet: Sheet, y: float, title: str, p_k: Sequence[float]) -> None:
    mean = sum(accumulate(reversed(p_k)))
    sheet.text(MARGIN, y + 6, title, style.NORMAL, align="left", bold=True)
    sheet.text(MARGIN, y + 29, p_k_text(p_k), style.NORMAL, align="left")
    sheet.text(MARGIN, y + 52, f"E[K] = {mean:.1f}", style.NORMAL, align="left")


def numbers(stacks: np.ndarray) -> list[str]:
    """Names 1, 2, … for columns."""
    return [f"{i + 1}" for i in range(len(stacks))]


def _describe(title: str, part: tuple[np.ndarray, ...], name: str, label: int) -> str:
    p, weights, chances = part
    listed = ", ".join(short(weight) for weight in weights.sum(1))
    return (
        f"{title}, P_K = {p_k_text(np.diag(p))}: rank weights {listed}, E[K] = {weights.sum():.2f}, "
        f"{name} is in the top K with chance {chances[label].sum():.2f}"
    )
