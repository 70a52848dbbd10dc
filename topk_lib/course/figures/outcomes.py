"""What steepness and distribution came to in trained networks, over how soft the sort was after the first epoch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, around, between, legend, percent
from ...experiments.drawing.sheet import Sheet
from ...experiments.drawing.style import Look
from ...experiments.softness_study import Outcome, outcomes, rank_correlation

WIDTH, PLANE, ROW = 960, (390, 170), 260
MARKERS = "o^s"


@style.locked
def softness_outcomes(record: Mapping[str, Any], theme: str = "light") -> tuple[Figure, str]:
    """Accuracy at the end, less cross-entropy's, over the mass that P had on the true top five after one epoch.

    Args:
        record: what `topk_lib.experiments.softness_study` wrote, with one to four conditions.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that names the best setting and the rank correlations of each condition.

    Raises:
        ValueError: there are no conditions, or more than four.
    """
    found = outcomes(record)
    _validate.integer("number of conditions", len(found), 1, 4)
    distributions = list(dict.fromkeys(each.distribution for each in next(iter(found.values()))))
    rows = (len(found) + 1) // 2
    sheet = Sheet(WIDTH, 76 + ROW * rows, theme)
    colors = dict(zip(("top5", "top1"), sheet.colors.series, strict=False))
    entries = [Look(f"top-{k[3:]}", color, "-", "o") for k, color in colors.items()]
    entries += [Look(style.in_words(name), sheet.colors.ink, "", MARKERS[i]) for i, name in enumerate(distributions)]
    sheet.text(24, 26, "Points above cross-entropy in", style.NORMAL, align="left", bold=True)
    legend(sheet, 290, 26, entries, line=False)
    for i, (name, each) in enumerate(found.items()):
        _draw(sheet, 70 + 460 * (i % 2), 90 + ROW * (i // 2), name, each, distributions, colors)
    return sheet.figure(), " ".join(_in_words(name, each) for name, each in found.items())


def _draw(
    sheet: Sheet, x: float, y: float, name: str, found: list[Outcome], distributions: list[str], colors: dict[str, str]
) -> None:
    up = around(
        [0.0, *(value for each in found for value in (each.top1, each.top5))],
        lambda value: f"{value:+g}" if value else "0",
    )
    xlabel = "mass of P on the true top 5 after the first pass"
    plane = Plane(sheet, x, y, *PLANE, between(0, 1, label=percent), up, name, xlabel)
    plane.level(0)
    for k, color in colors.items():
        for marker, distribution in zip(MARKERS, distributions, strict=False):
            line = [each for each in found if each.distribution == distribution]
            masses, gains = [each.mass for each in line], [getattr(each, k) for each in line]
            plane.curve(masses, gains, color, "-", 1.2)
            plane.dots(masses, gains, color, marker, 7)


def _in_words(name: str, found: list[Outcome]) -> str:
    best = max(found, key=lambda each: each.top5)
    masses = [each.mass for each in found]
    top1, top5 = (rank_correlation(masses, [getattr(each, k) for each in found]) for k in ("top1", "top5"))
    text = (
        f"{name}: best in top-5 is {style.in_words(best.distribution)} with β = {best.steepness:g}, mass "
        f"{best.mass:.0%}, {best.top5:+.1f} points in top-5 and {best.top1:+.1f} in top-1; rank correlation of the "
        f"mass with top-5 {top5:+.2f}, with top-1 {top1:+.2f}."
    )
    return re.sub(r"(?<= )-(?=\d)", "−", text)
