"""Curves over a setting: ranks over temperature, losses over a score, what m keeps, accuracy over k, shares by rank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, around, between, legend, ordinals, percent
from ...experiments.drawing.sheet import Sheet
from ...sorters import Relaxation
from .given import as_scores, check_ascending, check_count, class_index, number_label, with_gradient

WIDTH = 960
Point = tuple[int, float, float]


@style.locked
def rank_curves(
    scores: Sequence[float],
    names: Sequence[str],
    make: Callable[[float], Relaxation],
    values: Sequence[float],
    target: str,
    symbol: str = "τ",
    theme: str = "light",
) -> tuple[Figure, str]:
    """One class's rank probabilities, a curve per rank, over a logarithmic scale of temperatures.

    Args:
        scores: n numbers.
        names: n class names.
        make: builds the sorter for one of the values, for example ``topk_lib.NeuralSort``.
        values: at least two settings, ascending.
        target: the name of the class to follow.
        symbol: what the values are called: "τ", or "β" for a steepness.

    Returns:
        The figure, and a caption with the most likely rank at both ends and where the curves lie closest.

    Raises:
        ValueError: target is no name, values do not ascend, or there are more than 8 classes.
    """
    column = class_index("target", target, names)
    check_count("names", names, 1, 8, "classes")
    check_ascending("values", values)
    label, scores = torch.tensor(column), torch.as_tensor(scores, dtype=torch.float64)
    with torch.no_grad():
        probabilities = np.stack([make(value).rank_probabilities(scores, label).numpy() for value in values])
    sorter = type(make(values[0])).__name__
    sheet = Sheet(720, 400, theme)
    ticks = [m * 10.0**e for e in range(-6, 7) for m in (1, 2, 5) if values[0] <= m * 10.0**e <= values[-1]]
    across = Scale(values[0], values[-1], ticks if len(ticks) < 9 else ticks[::2], log=True)
    title = f"{sorter}: probability of each rank of {target}"
    plane = Plane(sheet, 52, 52, 560, 290, across, between(0, 1), title, f"{symbol} (log scale)")
    marks, last = slice(None, None, max(1, len(values) // 8)), []
    for r, curve in enumerate(probabilities.T):
        look = style.numbered_look(theme, f"rank {r + 1}", r)
        plane.curve(values, curve, look.color, look.dashes)
        plane.dots(values[marks], curve[marks], look.color, look.marker)
        last.append((values[-1], curve[-1], look))
    plane.name_ends(last)
    ends = (
        f"rank {probabilities[i].argmax() + 1} with {probabilities[i].max():.2f} at {symbol} = {values[i]:g}"
        for i in (0, -1)
    )
    flat = (probabilities.max(1) - probabilities.min(1)).argmin()
    return sheet.figure(), (
        f"{sorter} gives {target} {' and '.join(ends)}; the probabilities of its {probabilities.shape[1]} ranks lie "
        f"closest, {probabilities[flat].min():.2f} to {probabilities[flat].max():.2f}, at {symbol} = {values[flat]:g}."
    )


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

    Returns:
        The figure, and a caption with each loss and gradient at both ends.

    Raises:
        ValueError: a label that is no name, values that do not ascend, or more than fits.
    """
    check_count("losses", losses, 1, 5, "functions")
    check_ascending("values", values)
    others, target = as_scores(scores, names), class_index("label", label, names)
    right = torch.tensor(target)
    rows = torch.from_numpy(others).repeat(len(values), 1)
    rows[:, target] = torch.tensor(list(values), dtype=torch.float64)
    curves = {}
    for name, loss in losses.items():
        found = [with_gradient(lambda row, loss=loss: loss(row, right), row) for row in rows]
        curves[name] = [value.item() for value, _ in found], [gradient[target].item() for _, gradient in found]
    sheet, looks = Sheet(WIDTH, 380, theme), style.looks(theme, losses)
    across = between(values[0], values[-1], most=9)
    for i, (x, title) in enumerate(((56, "loss"), (548, f"gradient on {label}"))):
        up = around(np.concatenate([pair[i] for pair in curves.values()]))
        plane = Plane(sheet, x, 44, 394, 238, across, up, title, f"score of {label}")
        for name, pair in curves.items():
            plane.draw(values, pair[i], looks[name]._replace(marker=""), 3)
    legend(sheet, 56, 352, [look._replace(marker="") for look in looks.values()], right=WIDTH - 20)
    told = []
    for name, pair in curves.items():
        ends = (f"{number_label(curve[0], 2)} and {number_label(curve[-1], 2)}" for curve in pair)
        told.append("{}: loss {}, gradient {}".format(name, *ends))
    ends = f"{values[0]:g} and of {values[-1]:g}".replace("-", "−")
    return sheet.figure(), f"At a score of {label} of {ends}: {'; '.join(told)}."


@style.locked
def topk_profile(profiles: Mapping[str, Sequence[float]], theme: str = "light") -> tuple[Figure, str]:
    """A curve per network through its top-1, top-2, … accuracy; k = 1 and k = 5 are marked by lines.

    Args:
        profiles: name -> accuracies for k = 1, 2, …, fractions that never fall; 1 to 8 networks, equally long.

    Returns:
        The figure, and a caption with every network's top-1 and top-5 (or last) accuracy.

    Raises:
        ValueError: no network, too many, lengths that differ, or numbers that are no top-k accuracies.
    """
    check_count("profiles", profiles, 1, 8, "networks")
    lengths = {len(curve) for curve in profiles.values()}
    if len(lengths) > 1 or 0 in lengths:
        raise ValueError(f"profiles must be equally long and not empty, got lengths {sorted(lengths)}")
    for name, curve in profiles.items():
        if not all(0 <= a <= 1 for a in curve) or list(curve) != sorted(curve):
            raise ValueError(f"profiles[{name!r}] must be fractions from 0 to 1 that never fall, got {list(curve)}")
    (length,) = lengths
    second = min(5, length)
    sheet, looks = Sheet(760, 380, theme), style.looks(theme, profiles)
    across = Scale(0.7, length + 0.3, range(1, length + 1))
    title = "How often the label is among the best k: top-k accuracy"
    plane = Plane(sheet, 60, 52, 560, 270, across, between(0, 1, label=percent), title, "k, the number of guesses")
    for k in {1, second}:
        plane.upright(k)
    for name, curve in profiles.items():
        plane.draw(range(1, length + 1), curve, looks[name])
    plane.name_ends([(length, curve[-1], looks[name]) for name, curve in profiles.items()])
    told = (f"{name}: top-1 {c[0]:.1%}, top-{second} {c[second - 1]:.1%}" for name, c in profiles.items())
    return sheet.figure(), "; ".join(told) + "."


@style.locked
def kept_by_m(curves: Mapping[str, Sequence[Point]], theme: str = "light") -> tuple[Figure, str]:
    """Left the loss over m, right the share of the full gradient on wrong classes that m keeps.

    Args:
        curves: name -> (m, loss, share) at two or more m in ascending order, shares between 0 and 1; up to four. The
            first and third have one colour each, and what follows them shares it with dashes.

    Returns:
        The figure, and a caption with both ends of every curve.

    Raises:
        ValueError: no curve or more than four, fewer than two points, or m that do not ascend.
    """
    check_count("curves", curves, 1, 4, "losses")
    for name, points in curves.items():
        check_ascending(f"curves[{name!r}]", [m for m, _, _ in points])
    ms = sorted({m for points in curves.values() for m, _, _ in points})
    highest = max(loss for points in curves.values() for _, loss, _ in points)
    sheet, series = Sheet(WIDTH, 400, theme), style.theme_colors(theme).series
    ticks = ms[-1:]
    for m in reversed(ms):  # those that lie far enough from the next labelled one
        if ticks[-1] / m >= (ms[-1] / ms[0]) ** 0.12:
            ticks.append(m)
    across = Scale(ms[0] / 1.2, ms[-1] * 1.2, ticks[::-1], log=True, label="{:,}".format)
    planes = [
        Plane(sheet, x, 86, 390, 250, across, up, title, "m, classes kept (log scale)")
        for x, up, title in (
            (56, between(0, 1.05 * highest), "Value of the loss"),
            (544, between(0, 1, label=percent), "Push on wrong classes that is kept"),
        )
    ]
    looks = [style.Look(n, series[i // 2], style.DASHES[i], style.MARKERS[i]) for i, n in enumerate(curves)]
    for look, points in zip(looks, curves.values(), strict=True):
        m, *both = zip(*points, strict=True)
        for plane, values in zip(planes, both, strict=True):
            plane.draw(m, values, look)
    legend(sheet, 56, 18, looks, right=WIDTH - 20)
    told = []
    for name, points in curves.items():
        (few, low, share), (most, high, _) = points[0], points[-1]
        middle = next((m for m, _, kept in points if kept >= 0.9), most)
        enough = "" if middle == most else f", and at least 90 % from m = {middle:,} on"
        ends = f"the loss is {low:.2f} at m = {few:,} and {high:.2f} at m = {most:,}"
        told.append(f"{name}: {ends}; m = {few:,} keeps {share:.1%} of the push{enough}")
    return sheet.figure(), "; ".join(told) + "."


@style.locked
def shares_by_rank(
    panels: Mapping[str, Mapping[str, Sequence[float]]], buckets: Sequence[str], theme: str = "light"
) -> tuple[Figure, str]:
    """How some whole is divided among labels by the rank that they have.

    Args:
        panels: by title, and in each by name of the series, a share (0 to 1) per bucket. Up to 3 panels with the same
            series, at most 4 of them.
        buckets: names of the ranks, such as "1", "2 to 5".

    Returns:
        The figure, and a caption with all shares in percent.

    Raises:
        ValueError: nothing to draw or too much, or shares that do not fit the buckets.
    """
    series = [list(shares) for shares in panels.values()]
    if not 1 <= len(panels) <= 3 or not 1 <= len(series[0]) <= 4 or any(names != series[0] for names in series):
        raise ValueError(f"panels must be 1 to 3 with the same 1 to 4 series, got {series}")
    everything = [shares for panel in panels.values() for shares in panel.values()]
    if any(len(shares) != len(buckets) for shares in everything):
        raise ValueError(f"panels must hold {len(buckets)} shares a series, one per bucket, got {everything}")
    sheet, looks = Sheet(WIDTH, 342, theme), style.looks(theme, series[0])
    left, gap = 64, 56
    wide = (WIDTH - left - 20 - (len(panels) - 1) * gap) / len(panels)
    top = np.ceil(10 * max(map(max, everything))) / 10
    up = Scale(0, top, np.arange(0, top + 0.05, 0.1), label=_in_percent)
    said = []
    for i, (title, shares) in enumerate(panels.items()):
        plane = Plane(sheet, left + i * (wide + gap), 82, wide, 204, ordinals(buckets), up, title, "rank of the label")
        for name, values in shares.items():
            plane.draw(range(1, len(values) + 1), values, looks[name], size=11)
        listed = "; ".join(f"{name} {', '.join(map(_in_percent, values))}" for name, values in shares.items())
        said.append(f"{title}, for labels of rank {', '.join(buckets)}: {listed}.")
    legend(sheet, left, 24, looks.values())
    return sheet.figure(), " ".join(said)


def _in_percent(share: float) -> str:
    return f"{100 * share:.0f} %"
