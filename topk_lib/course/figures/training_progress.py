"""Training runs while they go on: the loss of each batch so far, and the accuracies measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, between
from ...experiments.drawing.sheet import Sheet

WIDTH, HEIGHT = 960, 420
SMOOTHED = 10  # batches whose mean is drawn
MOST_NAMED = 6  # runs in the legend


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
    seen = [_Seen(curve, i, i == len(curves) - 1, sheet) for i, curve in enumerate(curves)]
    highest = max((run.losses.max() for run in seen if len(run.losses)), default=5.0)
    best = max((a for run in seen for _, row in run.accuracies for a in row.values()), default=0.0)
    batches, up = between(0, right, whole=True), between(0, 1.1 * highest)
    losses = Plane(sheet, 50, 50, 350, 310, batches, up, f"Loss (mean of {SMOOTHED} batches)", "batch")
    up = between(0, min(1.0, max(0.1, 1.2 * best)) if curves else 1.0, label="{:.0%}".format)
    accuracies = Plane(sheet, 470, 50, 270, 310, batches, up, "Accuracy on test images", "batch")
    for run in seen:
        _draw(losses, accuracies, run)
    _write_legend(sheet, seen[-MOST_NAMED:])
    if not curves:
        sheet.text(225, 205, "press Start", style.LARGE, sheet.colors.muted)
    return sheet.figure(), "; ".join(map(_describe, curves)) + "." if curves else empty


class _Seen:
    """A curve as it is at this moment, and how it looks."""

    def __init__(self, curve: Curve, i: int, newest: bool, sheet: Sheet) -> None:
        self.label, self.newest = curve.label, newest
        self.losses = smoothed(list(curve.losses))
        self.accuracies = list(curve.accuracies)
        self.color = sheet.colors.series[("ce", "topk").index(curve.loss)] if newest else sheet.colors.muted
        self.dashes = "-" if newest else style.DASHES[1 + i % (len(style.DASHES) - 1)]
        self.width = 2.5 if newest else 1.5


def _draw(losses: Plane, accuracies: Plane, run: _Seen) -> None:
    look = {"color": run.color, "dashes": run.dashes, "width": run.width}
    losses.curve(np.arange(1, len(run.losses) + 1), run.losses, **look)
    for key, marker in (("top1", "o"), ("top5", "s")):
        points = [(step, row[key]) for step, row in run.accuracies if key in row]
        if points:
            accuracies.curve(*zip(*points, strict=True), **look)
            accuracies.dots(*zip(*points, strict=True), run.color, marker)


def _write_legend(sheet: Sheet, runs: Sequence[_Seen]) -> None:
    y = 58
    for run in reversed(runs):
        heading, *details = run.label.split("\n")
        sheet.path((764, 796), (y, y), run.color, run.width, run.dashes)
        sheet.text(804, y, heading, style.SMALL + 1, align="left", bold=run.newest)
        for detail in details:
            y += 15
            sheet.text(804, y, detail, style.SMALL - 1, sheet.colors.muted, "left")
        y += 23
    for marker, name, y in (("s", "top-5", 378), ("o", "top-1", 398)):
        sheet.dots((780,), y, sheet.colors.muted, marker)
        sheet.text(804, y, name, style.SMALL + 1, align="left")


def smoothed(losses: Sequence[float], width: int = SMOOTHED) -> np.ndarray:
    """The mean of each loss and up to ``width`` - 1 before it."""
    totals = np.concatenate([[0.0], np.cumsum(losses)])
    ends = np.arange(1, len(losses) + 1)
    starts = np.maximum(ends - width, 0)
    return (totals[ends] - totals[starts]) / (ends - starts)


def _describe(curve: Curve) -> str:
    losses = list(curve.losses)
    loss = f", loss {smoothed(losses)[-1]:.2f}" if losses else ""
    accuracies = "".join(
        f", {key.replace('top', 'top-')} {value:.1%}"
        for key, value in (curve.accuracies[-1][1] if curve.accuracies else {}).items()
        if key in ("top1", "top5")
    )
    label = curve.label.replace("\n", ", ")
    return f"run {label}: {curve.status}, {len(losses)} of {curve.steps} batches{loss}{accuracies}"
