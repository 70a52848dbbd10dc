"""A payload on its way through a soft network: where one class is, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from ...networks import Network, top_k_network
from ...sigmoids import Comparator
from ...tracing import trace
from .given import as_scores, cell_label, class_index
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
    are the chances of ranks 1 … k.

    Args:
        kind: "odd_even", "bitonic" or "splitter_selection".
        scores: up to 8 numbers, the first for lane 0.
        names: their class names.
        target: the name of the class that rides.
        k: number of ranks wanted; the network is pruned to them.
        steepness: β of the comparators.
        distribution: how they soften.

    Returns:
        The figure, and a caption with the chance of every rank and what was left behind.

    Raises:
        ValueError: naming the argument.
    """
    scores = as_scores(scores, names)
    if len(names) > MOST_LANES:
        raise ValueError(f"names must hold at most {MOST_LANES} classes, got {len(names)}")
    column = class_index("target", target, names)
    network = top_k_network(kind, len(names), k)
    stages = trace(network, scores, Comparator(distribution, steepness))
    shares = np.stack([stage.shares[:, column] for stage in stages], axis=1)  # (n, layers + 1)
    ride = _Ride(Sheet(WIDTH, TOP + len(names) * PITCH + 44, theme), network, k, shares, names)
    ride.draw(f"One payload rides: {target} through {network.size} soft swaps (β = {steepness:g})")
    return ride.sheet.figure(), _caption(shares[::-1, -1][:k], target, network)


class _Ride:
    def __init__(self, sheet: Sheet, network: Network, k: int, shares: np.ndarray, names: Sequence[str]) -> None:
        self.sheet, self.network, self.k, self.shares, self.names = sheet, network, k, shares, names
        self.live = live_lanes(network, k, network.needed(k))
        places = [side_by_side(layer) for layer in network.layers]
        widths = np.array([columns.max(initial=0) + 1 for columns in places])
        room = WIDTH - LEFT - RIGHT - CELL * (network.depth + 1)
        self.step = min(48.0, room / max(1, widths.sum()))
        self.places = places
        self.lefts = LEFT + np.concatenate([[0], np.cumsum(CELL + widths * self.step)])

    def draw(self, title: str) -> None:
        muted = self.sheet.colors.muted
        self.sheet.text(MARGIN, 20, title, style.LARGE, align="left", bold=True)
        words = (
            "Every cell: how much of the class is on this lane after so many layers. Arrows point to the larger score."
        )
        self.sheet.text(MARGIN, 44, words, style.SMALL, muted, "left")
        self.sheet.text(MARGIN, TOP - 15, "lane", style.SMALL, muted, "left")
        for t, left in enumerate(self.lefts):
            heading = f"layer {t}" if t else "one-hot"
            self.sheet.text(left + CELL / 2, TOP - 15, heading, style.SMALL, muted)
        for lane, name in enumerate(self.names):
            self._draw_lane(lane, name)
        for t, layer in enumerate(self.network.layers):
            for i, (low, high) in enumerate(layer.tolist()):
                self._draw_comparator(t, i, low, high)
        self._write_sums()

    def _y(self, lane: float) -> float:
        return TOP + (len(self.names) - 1 - lane + 0.5) * PITCH

    def _draw_lane(self, lane: int, name: str) -> None:
        y, muted = self._y(lane), self.sheet.colors.muted
        self.sheet.text(MARGIN + 14, y, f"{lane}", style.SMALL, muted, "right")
        self.sheet.text(MARGIN + 26, y, name, style.NORMAL, align="left", bold=self.shares[lane, 0] == 1)
        for t, left in enumerate(self.lefts):
            if not self.live[t, lane]:
                continue
            self._draw_cell(left, y, self.shares[lane, t])
            if t + 1 < len(self.lefts):
                self.sheet.line((left + CELL, y), (self.lefts[t + 1], y), muted)
        rank = len(self.names) - lane
        if rank <= self.k:
            x = self.lefts[-1] + CELL
            self.sheet.text(x + 12, y, f"rank {rank}", style.NORMAL, align="left", bold=True)

    def _draw_cell(self, left: float, y: float, share: float) -> None:
        color = style.heat(np.array([share]))
        self.sheet.box(left, y - PITCH / 2 + 4, CELL, PITCH - 8, to_hex(color[0]))
        self.sheet.text(left + CELL / 2, y, cell_label(share), style.NORMAL, style.on(color)[0])

    def _draw_comparator(self, t: int, i: int, low: int, high: int) -> None:
        x = self.lefts[t] + CELL + (self.places[t][i] + 0.5) * self.step
        start, end, ink = self._y(low), self._y(high), self.sheet.colors.ink
        self.sheet.line((x, start), (x, end), ink, 2)
        self.sheet.dots([x], [start], ink, "o", 7)
        self.sheet.dots([x], [end], ink, "^" if high > low else "v", 10)

    def _write_sums(self) -> None:
        y, muted = TOP + len(self.names) * PITCH + 20, self.sheet.colors.muted
        self.sheet.text(MARGIN, y, "sum of the cells", style.SMALL, muted, "left")
        for t, left in enumerate(self.lefts):
            total = self.shares[self.live[t], t].sum()
            self.sheet.text(left + CELL / 2, y, f"{total:.2f}", style.SMALL, muted)


def _caption(chances: np.ndarray, target: str, network: Network) -> str:
    ranks = ", ".join(f"rank {r} {chance:.2f}" for r, chance in enumerate(chances, 1))
    return (
        f"The one-hot of {target} behind {network.depth} layers of soft swaps: {ranks}; together "
        f"{chances.sum():.2f}, and {1 - chances.sum():.2f} is left on lanes below."
    )
