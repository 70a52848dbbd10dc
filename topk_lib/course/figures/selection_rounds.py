"""Splitter selection from cascade to cascade: who is still in the race, and by how many each lane is beaten."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet

WIDTH, TOP, LEFT, MARGIN = 960, 108, 92, 16
MOST_LANES, MOST_CASCADES = 16, 12
PLAYS = {"light": ("#0072B2", "#ffffff"), "dark": ("#56B4E9", "#000000")}  # box and letters of a lane that plays
Round = tuple[Sequence[int], Sequence[int]]
"""A cascade: the lanes that take part, and the minimum rank of every lane behind it."""


@style.locked
def selection_rounds(rounds: Sequence[Round], k: int, theme: str = "light") -> tuple[Figure, str]:
    """A column per cascade with every lane's minimum rank behind it; lanes that reach k are out.

    Lanes in a cascade are filled boxes, lanes that wait are bare numbers, and a lane drops out where "out" stands
    with its minimum rank. The last lane, on which the best leaves, is drawn on top.

    Args:
        rounds: for every cascade its lanes, and the minimum ranks (n,) of all lanes behind it; up to 12 cascades.
        k: number of ranks wanted.

    Returns:
        The figure, and a caption with the number of lanes that are left after each cascade.

    Raises:
        ValueError: there is no cascade or too many, or more than 16 lanes.
    """
    if not 1 <= len(rounds) <= MOST_CASCADES:
        raise ValueError(f"rounds must hold 1 to {MOST_CASCADES} cascades, got {len(rounds)}")
    n = len(rounds[0][1])
    if n > MOST_LANES:
        raise ValueError(f"rounds must be about at most {MOST_LANES} lanes, got {n}")
    pitch = 34 if n <= 8 else 25
    sheet = Sheet(WIDTH, TOP + n * pitch + 44, theme)
    _Table(sheet, rounds, k, pitch, theme).draw()
    return sheet.figure(), _caption(rounds, k, n)


class _Table:
    def __init__(self, sheet: Sheet, rounds: Sequence[Round], k: int, pitch: float, theme: str) -> None:
        self.sheet, self.rounds, self.k, self.pitch, self.theme = sheet, rounds, k, pitch, theme
        self.n = len(rounds[0][1])
        self.column = min(120.0, (WIDTH - LEFT - MARGIN) / len(rounds))

    def draw(self) -> None:
        muted = self.sheet.colors.muted
        title = f"Splitter selection: who can still be among the top {self.k} of {self.n}?"
        self.sheet.text(MARGIN, 20, title, style.LARGE, align="left", bold=True)
        self._draw_key(45)
        self.sheet.text(MARGIN, TOP - 13, "lane", style.SMALL, muted, "left")
        self.sheet.text(LEFT - 10, TOP - 32, "cascade", style.SMALL, muted, "right")
        for lane in range(self.n):
            self.sheet.text(MARGIN + 20, self._y(lane), f"{lane}", style.SMALL, muted, "right")
        bottom = TOP + self.n * self.pitch + 22
        self.sheet.text(MARGIN, bottom, "left", style.SMALL, muted, "left")
        self.sheet.text(LEFT - 22, bottom, f"{self.n}", style.NORMAL, bold=True)
        for i, (lanes, ranks) in enumerate(self.rounds):
            self._draw_column(i, set(lanes), ranks)
            self.sheet.text(self._x(i), bottom, f"{survivors(ranks, self.k)}", style.NORMAL, bold=True)

    def _x(self, i: int) -> float:
        return LEFT + (i + 0.5) * self.column

    def _y(self, lane: int) -> float:
        return TOP + (self.n - 1 - lane + 0.5) * self.pitch

    def _draw_column(self, i: int, lanes: set[int], ranks: Sequence[int]) -> None:
        x, muted = self._x(i), self.sheet.colors.muted
        self.sheet.text(x, TOP - 32, f"{i + 1}", style.NORMAL, bold=True)
        self.sheet.text(x, TOP - 13, f"{len(lanes)} lanes", style.SMALL, muted)
        before = self.rounds[i - 1][1] if i else [0] * self.n
        for lane, rank in enumerate(ranks):
            if before[lane] >= self.k:
                y = self._y(lane)
                self.sheet.line((x - self.column / 2, y), (x + self.column / 2, y), muted, 1.0, ":")
            else:
                self._draw_cell(x, self._y(lane), rank, lane in lanes)

    def _draw_cell(self, x: float, y: float, rank: int, plays: bool) -> None:
        text = f"{rank} out" if rank >= self.k else f"{rank}"
        fill, letters = PLAYS[self.theme] if plays else (self.sheet.colors.paper, self.sheet.colors.ink)
        if plays:
            self._box(x, y, fill)
        self.sheet.text(x, y, text, style.NORMAL if rank < self.k else style.SMALL, letters, bold=plays)

    def _box(self, x: float, y: float, fill: str) -> None:
        wide, high = min(58.0, self.column - 6), self.pitch - 4
        self.sheet.box(x - wide / 2, y - high / 2, wide, high, fill)

    def _draw_key(self, y: float) -> None:
        x = MARGIN + 29
        self._draw_cell(x, y, 0, True)
        muted = self.sheet.colors.muted
        words = "in this cascade; the number: by how many the lane is beaten at least, behind it"
        self.sheet.text(x + 38, y, words, style.SMALL, muted, "left")
        self.sheet.text(x + 610, y, "0", style.NORMAL)
        self.sheet.text(x + 622, y, "waits", style.SMALL, muted, "left")
        self.sheet.line((x + 680, y), (x + 716, y), muted, 1.0, ":")
        self.sheet.text(x + 724, y, f"beaten {self.k} times or more", style.SMALL, muted, "left")


def survivors(ranks: Sequence[int], k: int) -> int:
    """How many lanes can still be among the top k, given their minimum ranks."""
    return sum(rank < k for rank in ranks)


def _caption(rounds: Sequence[Round], k: int, n: int) -> str:
    sizes = ", ".join(f"{len(lanes)}" for lanes, _ in rounds)
    left = ", ".join(f"{survivors(ranks, k)}" for _, ranks in rounds)
    return (
        f"The top {k} of {n} by {len(rounds)} cascades of {sizes} lanes: behind them {left} lanes can still be among "
        f"the top {k}."
    )
