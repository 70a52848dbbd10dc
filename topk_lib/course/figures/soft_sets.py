"""Soft top-k sets: the one curve p = F((s - b)/λ) on which the probabilities of all classes lie."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import _validate
from ...experiments.drawing import lettering, style
from ...experiments.drawing.plane import Plane, Scale, between, minus
from ...experiments.drawing.sheet import Sheet
from ...sorters import SoftTopK
from ...sorters.thresholds import THRESHOLDS
from .given import as_scores, best_first, cell_label, check_count, number_label

WIDTH, LEFT, LONG, MARGIN = 960, 188, 600, 16
TOP, TALL, FOOT = 72, 56, 44  # room for the names, height of a plane, room for the scale of scores
GAP, LINE = 36, 15  # between two planes, and for a second line of names or numbers
MOST, MOST_CLASSES = 6, 8


@style.locked
def soft_sets(
    sets: Mapping[str, SoftTopK], scores: Sequence[float], names: Sequence[str], k: float, theme: str = "light"
) -> tuple[Figure, str]:
    """A row per soft set: its curve over the score, a dot for each class, its threshold b and the sum of its p.

    Args:
        sets: title -> soft set, 1 to 6; a title's second line is written smaller.
        scores: n numbers, 2 to 8.
        names: n class names.
        k: how many classes are wanted, above 0 and below n.

    Returns:
        The figure, and a caption with every probability, best score first, every sum and every threshold.

    Raises:
        ValueError: no set or too many, too many classes, or a k that does not fit.
    """
    check_count("sets", sets, 1, MOST, "soft sets")
    check_count("names", names, 2, MOST_CLASSES, "classes")
    values, s = as_scores(scores, names), torch.as_tensor(scores, dtype=torch.float64)
    probabilities = {title: soft(s, _validate.real("k", k, 0, len(names))).numpy() for title, soft in sets.items()}
    thresholds = {title: threshold_of(soft, s, k) for title, soft in sets.items()}
    levels = _levels(values, names)
    row = TALL + GAP + LINE * max(levels)
    sheet = Sheet(WIDTH, TOP + row * len(sets) + FOOT, theme)
    places = [*values, *thresholds.values()]
    across = between(min(places) - 0.4, max(places) + 0.4, most=8)
    foot = _frame(sheet, across, values, names, levels, TOP + row * len(sets))
    told = []
    for i, (title, soft) in enumerate(sets.items()):
        p, b, scale = probabilities[title], thresholds[title], float(soft.scale)
        plane = Plane(sheet, LEFT, TOP + i * row, LONG, TALL, Scale(across.low, across.high, []), Scale(0, 1, [0, 1]))
        _curve(plane, soft, values, p, b)
        for j, each in enumerate(p):
            x, _ = plane.place(values[j], 0)
            sheet.text(x, plane.y + TALL + 15 + LINE * levels[j], cell_label(each), style.SMALL)
        total = f"Σp = {p.sum():.2f}" + ("" if abs(p.sum() - k) < 0.005 else f", not {k:g}")
        setting = f"λ = {scale:g}, b = {number_label(b, 2)}"
        _beside(plane, MARGIN, *title.split("\n"))
        _beside(plane, foot, total, setting)
        listed = ", ".join(f"{names[j]} {p[j]:.2f}" for j in best_first(values))
        told.append(f"{title.splitlines()[0]}, {setting}: {listed}, {total}")
    return sheet.figure(), f"Soft sets of the top {k:g}. {'; '.join(told)}."


def threshold_of(soft: SoftTopK, scores: Tensor, k: float) -> float:
    """b, in units of score: where F((s - b)/λ), summed over the scores (n,), makes k."""
    ordered, scale = scores.sort(descending=True).values, float(soft.scale)
    at_k = ordered[math.ceil(k) - 1]
    return (at_k + scale * THRESHOLDS[soft.threshold].solve((ordered - at_k) / scale, ordered.new_tensor([k]))).item()


def _levels(values: np.ndarray, names: Sequence[str]) -> list[int]:
    """0 or 1 for each class: where scores are crowded, names and numbers are written in two lines."""
    ends, levels, unit = [-math.inf, -math.inf], [0] * len(names), LONG / (np.ptp(values) + 1)
    for j in np.argsort(values, kind="stable"):
        half = lettering.width(names[j]) * style.NORMAL / 2
        levels[j] = int(values[j] * unit - half < ends[0] + 8)
        ends[levels[j]] = values[j] * unit + half
    return levels


def _frame(
    sheet: Sheet, across: Scale, values: np.ndarray, names: Sequence[str], levels: Sequence[int], bottom: float
) -> float:
    """The names above and the scale of scores below; returns where the right column begins."""
    right, muted = LEFT + LONG + 20, sheet.colors.muted
    sheet.text(MARGIN, TOP - 34, "p = F((s − b) / λ)", style.LARGE, align="left", bold=True)
    sheet.note(right, TOP - 34, "dashed: b")
    for score, name, level in zip(values, names, levels, strict=True):
        sheet.text(LEFT + float(across.fraction(score)) * LONG, TOP - 34 - LINE * level, name)
    sheet.line((LEFT, bottom), (LEFT + LONG, bottom), muted)
    for tick in across.ticks:
        x = LEFT + float(across.fraction(tick)) * LONG
        sheet.line((x, bottom), (x, bottom + 5), muted)
        sheet.text(x, bottom + 17, minus(across.label(tick)), style.SMALL)
    sheet.note(right, bottom, "score s")
    return right


def _curve(plane: Plane, soft: SoftTopK, values: np.ndarray, p: np.ndarray, b: float) -> None:
    """F over the score, a dashed line at b, and a dot on a dotted line for each class."""
    colors = plane.sheet.colors
    fine = np.linspace(plane.across.low, plane.across.high, 4 * LONG)
    t = torch.from_numpy((fine - b) / float(soft.scale))
    plane.curve(fine, THRESHOLDS[soft.threshold].cdf(t).numpy(), colors.series[0])
    x, bottom = plane.place(b, 0)
    plane.sheet.line((x, plane.y - 6), (x, bottom), colors.series[1], 2, "--")
    for at in plane.place(values, p)[0]:
        plane.sheet.line((at, plane.y - 8), (at, bottom), dashes=":")
    plane.dots(values, p, colors.ink)


def _beside(plane: Plane, x: float, first: str, second: str = "") -> None:
    """A bold line and a small one beside a plane."""
    middle = plane.y + plane.height / 2
    plane.sheet.text(x, middle - 11 * bool(second), first, style.NORMAL, align="left", bold=True)
    plane.sheet.note(x, middle + 11, second)
