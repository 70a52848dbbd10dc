"""Training runs while they go on: the loss of each batch so far, and the accuracies measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, between, percent
from ...experiments.drawing.quantities import accuracy_name
from ...experiments.drawing.sheet import Sheet

WIDTH, HEIGHT = 960, 420
SMOOTHED = 10  # batches whose mean is drawn
MOST_NAMED = 6  # runs in the legend
MEASURES = {"top1": "o", "top5": "s"}


@dataclass
class Curve:
    """What is known of one run so far; a run appends to it while it is being drawn.

    Attributes:
        label: for legend and caption; what follows line breaks is set smaller.
        steps: batches of the whole run.
        loss: "ce" or "topk"; gives the colour.
        losses: one number per batch.
        accuracies: (step, {"top1": fraction, ...}), one per pass over the training images.
        status: "running", "finished", "stopped" or "failed".
    """

    label: str
    steps: int
    loss: str = "ce"
    losses: list[float] = field(default_factory=list)
    accuracies: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    status: str = "running"


@style.locked
def training_progress(curves: Sequence[Curve], empty: str = "", theme: str = "light") -> tuple[Figure, str]:
    """Left the training loss, right the test accuracies, both over batches.

    The newest run is in colour, all earlier ones in grey with dashes of their own. Losses are means over the last
    10 batches; different losses have different scales, so only the accuracies can be compared.

    Args:
        curves: runs in the order in which they were started.
        empty: what to write while there is no run.

    Returns:
        The figure, and a caption with the last loss and the last accuracies of every run.
    """
    sheet = Sheet(WIDTH, HEIGHT, theme)
    right = 1.02 * max((curve.steps for curve in curves), default=100)
    runs = [replace(curve, losses=list(curve.losses), accuracies=list(curve.accuracies)) for curve in curves]
    means = [smoothed(run.losses) for run in runs]
    highest = max((mean.max() for mean in means if len(mean)), default=5.0)
    best = max((a for run in runs for _, row in run.accuracies for a in row.values()), default=0.0)
    batches, up = between(0, right, whole=True), between(0, 1.1 * highest)
    losses = Plane(sheet, 50, 50, 350, 310, batches, up, f"Loss (mean of {SMOOTHED} batches)", "batch")
    up = between(0, min(1.0, max(0.1, 1.2 * best)) if curves else 1.0, label=percent)
    accuracies = Plane(sheet, 470, 50, 270, 310, batches, up, "Accuracy on test images", "batch")
    series, muted, y = sheet.colors.series, sheet.colors.muted, 58
    looks = [(muted, style.DASHES[1 + i % (len(style.DASHES) - 1)], 1.5) for i in range(len(runs))]
    if runs:
        looks[-1] = series[("ce", "topk").index(runs[-1].loss)], "-", 2.5
    for run, mean, look in zip(runs, means, looks, strict=True):
        losses.curve(np.arange(1, len(mean) + 1), mean, *look)
        for key, marker in MEASURES.items():
            points = [(step, row[key]) for step, row in run.accuracies if key in row]
            if points:
                accuracies.curve(*zip(*points, strict=True), *look)
                accuracies.dots(*zip(*points, strict=True), look[0], marker)
    for run, (color, dashes, width) in list(zip(runs, looks, strict=True))[: -MOST_NAMED - 1 : -1]:
        heading, *details = run.label.split("\n")
        sheet.path((764, 796), (y, y), color, width, dashes)
        sheet.text(804, y, heading, style.SMALL + 1, align="left", bold=run is runs[-1])
        for detail in details:
            y += 15
            sheet.text(804, y, detail, style.SMALL - 1, muted, "left")
        y += 23
    for (key, marker), y in zip(MEASURES.items(), (398, 378), strict=True):
        sheet.dots((780,), y, muted, marker)
        sheet.text(804, y, accuracy_name(key), style.SMALL + 1, align="left")
    if not curves:
        sheet.text(225, 205, "press Start", style.LARGE, muted)
    return sheet.figure(), "; ".join(map(_describe, runs)) + "." if runs else empty


def smoothed(losses: Sequence[float], width: int = SMOOTHED) -> np.ndarray:
    """The mean of each loss and up to ``width`` - 1 before it."""
    totals = np.concatenate([[0.0], np.cumsum(losses)])
    ends = np.arange(1, len(losses) + 1)
    starts = np.maximum(ends - width, 0)
    return (totals[ends] - totals[starts]) / (ends - starts)


def _describe(run: Curve) -> str:
    loss = f", loss {smoothed(run.losses)[-1]:.2f}" if run.losses else ""
    last = run.accuracies[-1][1] if run.accuracies else {}
    accuracies = "".join(f", {accuracy_name(k)} {value:.1%}" for k, value in last.items() if k in MEASURES)
    label = run.label.replace("\n", ", ")
    return f"run {label}: {run.status}, {len(run.losses)} of {run.steps} batches{loss}{accuracies}"
