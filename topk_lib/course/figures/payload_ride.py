"""A payload on its way through a soft network: where one class is, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from ...networks import top_k_network
from ...sigmoids import Comparator
from ...tracing import trace
from .given import as_scores, cell_label, check_count, class_index
from .network_layout import side_by_side
from .network_run import live_lanes

WIDTH, TOP, LEFT, RIGHT, MARGIN = 960, 96, 118, 118, 16
CELL, PITCH = 50.0, 46.0
MOST_LANES = 8


@style.locked
def payload_ride(
    kind: str,
    scores: Sequence[float],
    names: Sequence[str],
    target: str,
    k: int,
    steepness: float = 2.0,
    distribution: str = "cauchy",
    theme: str = "light",
) -> tuple[Figure, str]:
    """One column of the product P_L ⋯ P_1, factor by factor: the one-hot of a class, sent through the soft swaps.

    A column of cells per layer shows how much of the class is on each lane; between two columns stand the
    comparators that mix them. Lanes on which the top k no longer depend end. Of the last column, the top k lanes
    are the probabilities of ranks 1 … k.

    Args:
        kind: "odd_even", "bitonic" or "splitter_selection".
        scores: up to 8 numbers, the first for lane 0.
        names: their class names.
        target: the name of the class that rides.
        k: number of ranks wanted; the network is pruned to them.
        steepness: β of the comparators.
        distribution: how they soften.

    Returns:
        The figure, and a caption with the probability of every rank and what was left behind.

    Raises:
        ValueError: naming the argument.
    """
    scores = as_scores(scores, names)
    check_count("names", names, 1, MOST_LANES, "classes")
    column, n = class_index("target", target, names), len(names)
    network = top_k_network(kind, n, k)
    stages = trace(network, scores, Comparator(distribution, steepness))
    shares, live = [stage.shares[:, column] for stage in stages], live_lanes(network, k)
    places = [side_by_side(layer) for layer in network.layers]
    widths = np.array([columns.max(initial=0) + 1 for columns in places])
    step = min(48.0, (WIDTH - LEFT - RIGHT - CELL * len(stages)) / max(1, widths.sum()))
    lefts = LEFT + np.concatenate([[0], np.cumsum(CELL + widths * step)])
    heights = [TOP + (n - 1 - lane + 0.5) * PITCH for lane in range(n)]
    sheet = Sheet(WIDTH, TOP + n * PITCH + 44, theme)
    ink, muted, bottom = sheet.colors.ink, sheet.colors.muted, TOP + n * PITCH + 20
    title = f"One payload rides: {target} through {network.size} soft swaps (β = {steepness:g})"
    sheet.text(MARGIN, 20, title, style.LARGE, align="left", bold=True)
    explained = "Every cell: how much of the class is on this lane after so many layers."
    sheet.note(MARGIN, 44, f"{explained} Arrows point to the larger score.")
    sheet.note(MARGIN, TOP - 15, "lane")
    sheet.note(MARGIN, bottom, "sum of the cells")
    for lane, (name, y) in enumerate(zip(names, heights, strict=True)):
        sheet.note(MARGIN + 14, y, f"{lane}", "right")
        sheet.text(MARGIN + 26, y, name, style.NORMAL, align="left", bold=lane == column)
        if n - lane <= k:
            sheet.text(lefts[-1] + CELL + 12, y, f"rank {n - lane}", style.NORMAL, align="left", bold=True)
    for t, left in enumerate(lefts):
        middle = left + CELL / 2
        sheet.note(middle, TOP - 15, f"layer {t}" if t else "one-hot", "center")
        sheet.note(middle, bottom, f"{shares[t][live[t]].sum():.2f}", "center")
        colors = style.heat(shares[t])
        for lane in np.flatnonzero(live[t]):
            y = heights[lane]
            sheet.box(left, y - PITCH / 2 + 4, CELL, PITCH - 8, to_hex(colors[lane]))
            sheet.text(middle, y, cell_label(shares[t][lane]), style.NORMAL, style.on(colors[lane]).item())
            if t < network.depth:
                sheet.line((left + CELL, y), (lefts[t + 1], y), muted)
    for left, layer, columns in zip(lefts, network.layers, places, strict=False):
        for (low, high), place in zip(layer.tolist(), columns, strict=True):
            x = left + CELL + (place + 0.5) * step
            sheet.line((x, heights[low]), (x, heights[high]), ink, 2)
            sheet.dots([x], heights[low], ink, "o", 7)
            sheet.dots([x], heights[high], ink, "^" if high > low else "v", 10)
    probabilities = shares[-1][::-1][:k]
    ranks = ", ".join(f"rank {r} {probability:.2f}" for r, probability in enumerate(probabilities, 1))
    return sheet.figure(), (
        f"The one-hot of {target} behind {network.depth} layers of soft swaps: {ranks}; together "
        f"{probabilities.sum():.2f}, and {1 - probabilities.sum():.2f} is left on lanes below."
    )
