"""Shares that fall to labels of good, middling and bad rank: one plane per question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend
from ...experiments.drawing.sheet import Sheet

WIDTH, HEIGHT, LEFT, TOP, GAP, TALL = 960, 342, 64, 82, 56, 204
MOST_SERIES, MOST_PANELS = 4, 3


@style.locked
def shares_by_rank(
    panels: Mapping[str, Mapping[str, Sequence[float]]], buckets: Sequence[str], theme: str = "light"
) -> tuple[Figure, str]:
    """How some whole is divided among labels by the rank that they have.

    Args:
        panels: by title, and in each by name of the series, a share (0 to 1) per bucket. Up to 3 panels with the same
            series, at most 4 of them.
        buckets: names of the ranks, such as "1", "2 to 5".
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with all shares in percent.

    Raises:
        ValueError: nothing to draw or too much, or shares that do not fit the buckets.
    """
    series = [list(shares) for shares in panels.values()]
    if (
        not 1 <= len(panels) <= MOST_PANELS
        or not 1 <= len(series[0]) <= MOST_SERIES
        or any(names != series[0] for names in series)
    ):
        raise ValueError(f"panels must be 1 to {MOST_PANELS} with the same 1 to {MOST_SERIES} series, got {series}")
    everything = [shares for panel in panels.values() for shares in panel.values()]
    if any(len(shares) != len(buckets) for shares in everything):
        raise ValueError(f"panels must hold {len(buckets)} shares a series, one per bucket, got {everything}")
    sheet = Sheet(WIDTH, HEIGHT, theme)
    wide = (WIDTH - LEFT - 20 - (len(panels) - 1) * GAP) / len(panels)
    across = Scale(0.6, len(buckets) + 0.4, range(1, len(buckets) + 1), label=lambda i: buckets[round(i) - 1])
    top = np.ceil(10 * max(max(shares) for shares in everything)) / 10
    up = Scale(0, top, np.arange(0, top + 0.05, 0.1), label=lambda share: f"{100 * share:.0f} %")
    for i, (title, shares) in enumerate(panels.items()):
        plane = Plane(sheet, LEFT + i * (wide + GAP), TOP, wide, TALL, across, up, title, "rank of the label")
        for j, values in enumerate(shares.values()):
            places = np.arange(1, len(values) + 1)
            plane.curve(places, values, sheet.colors.series[j], style.DASHES[j])
            plane.dots(places, values, sheet.colors.series[j], style.MARKERS[j], 11)
    legend(sheet, LEFT, 24, zip(series[0], sheet.colors.series, style.DASHES, style.MARKERS, strict=False))
    return sheet.figure(), _caption(panels, buckets)


def _caption(panels: Mapping[str, Mapping[str, Sequence[float]]], buckets: Sequence[str]) -> str:
    said = []
    for title, shares in panels.items():
        listed = "; ".join(
            f"{name} {', '.join(f'{100 * share:.0f} %' for share in values)}" for name, values in shares.items()
        )
        said.append(f"{title}, for labels of rank {', '.join(buckets)}: {listed}.")
    return " ".join(said)
