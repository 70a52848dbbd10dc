"""Splitter selection from cascade to cascade: who is still in the race, and by how many each lane is beaten."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet
from .given import check_count

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
    check_count("rounds", rounds, 1, MOST_CASCADES, "cascades")
    n = len(rounds[0][1])
    if n > MOST_LANES:
        raise ValueError(f"rounds must be about at most {MOST_LANES} lanes, got {n}")
    pitch, column = 34 if n <= 8 else 25, min(120.0, (WIDTH - LEFT - MARGIN) / len(rounds))
    sheet, bottom = Sheet(WIDTH, TOP + n * pitch + 44, theme), TOP + n * pitch + 22

    def draw_cell(x: float, y: float, text: str, plays: bool) -> None:
        wide, high = min(58.0, column - 6), pitch - 4
        fill, letters = PLAYS[theme] if plays else ("", sheet.colors.ink)
        if plays:
            sheet.box(x - wide / 2, y - high / 2, wide, high, fill)
        sheet.text(x, y, text, style.SMALL if "out" in text else style.NORMAL, letters, bold=plays)

    def draw_gone(start: float, end: float, y: float) -> None:
        sheet.line((start, y), (end, y), sheet.colors.muted, 1.0, ":")

    title = f"Splitter selection: who can still be among the top {k} of {n}?"
    sheet.text(MARGIN, 20, title, style.LARGE, align="left", bold=True)
    draw_cell(45, 45, "0", True)
    sheet.note(83, 45, "in this cascade; the number: by how many the lane is beaten at least, behind it")
    draw_cell(655, 45, "0", False)
    sheet.note(667, 45, "waits")
    draw_gone(725, 761, 45)
    sheet.note(769, 45, f"beaten {k} times or more")
    sheet.note(MARGIN, TOP - 13, "lane")
    sheet.note(LEFT - 10, TOP - 32, "cascade", "right")
    sheet.note(MARGIN, bottom, "left")
    sheet.text(LEFT - 22, bottom, f"{n}", style.NORMAL, bold=True)
    heights = [TOP + (n - 1 - lane + 0.5) * pitch for lane in range(n)]
    for lane, y in enumerate(heights):
        sheet.note(MARGIN + 20, y, f"{lane}", "right")
    before: Sequence[int] = [0] * n
    for i, (lanes, ranks) in enumerate(rounds):
        x = LEFT + (i + 0.5) * column
        sheet.text(x, TOP - 32, f"{i + 1}", style.NORMAL, bold=True)
        sheet.note(x, TOP - 13, f"{len(lanes)} lanes", "center")
        for lane, (y, rank) in enumerate(zip(heights, ranks, strict=True)):
            if before[lane] >= k:
                draw_gone(x - column / 2, x + column / 2, y)
            else:
                draw_cell(x, y, f"{rank} out" if rank >= k else f"{rank}", lane in lanes)
        sheet.text(x, bottom, f"{survivors(ranks, k)}", style.NORMAL, bold=True)
        before = ranks
    sizes = ", ".join(f"{len(lanes)}" for lanes, _ in rounds)
    left = ", ".join(f"{survivors(ranks, k)}" for _, ranks in rounds)
    said = f"The top {k} of {n} by {len(rounds)} cascades of {sizes} lanes: behind them {left} lanes can still be among"
    return sheet.figure(), f"{said} the top {k}."


def survivors(ranks: Sequence[int], k: int) -> int:
    """How many lanes can still be among the top k, given their minimum ranks."""
    return sum(rank < k for rank in ranks)
