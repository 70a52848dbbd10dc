"""Two methods over a handful of seeds: a dot per seed, the mean, and its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure

from . import style
from .sheet import Sheet

WIDTH, MARGIN, NAME = 960, 14, 66  # in figure pixels
TITLE, ROW, FOOT = 64, 46, 66
MOST_GROUPS, MOST_ROWS, NUMBERS = 3, 6, 152
Runs = tuple[Sequence[float], Sequence[float]]
Interval = Callable[[Sequence[float], Sequence[float]], tuple[float, float, float]]


@style.locked
def paired_differences(
    groups: Mapping[str, Mapping[str, Runs]],
    interval: Interval,
    better: tuple[str, str] = ("b", "a"),
    unit: str = "percentage points",
    theme: str = "light",
) -> tuple[Figure, str]:
    """Rows of paired differences a - b, side by side for up to three groups on one scale.

    Args:
        groups: title -> {row: (runs of a, runs of b)}, the same rows in every group, up to six.
        interval: gives the mean of a - b and the two ends of its interval.
        better: what is written under the left and the right half: who is ahead there.
        unit: of the differences.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with mean and interval of every row, and which intervals hold 0.

    Raises:
        ValueError: no group or too many, or groups with different rows.
    """
    rows = list(next(iter(groups.values()), {}))
    if not 1 <= len(groups) <= MOST_GROUPS or not 1 <= len(rows) <= MOST_ROWS:
        raise ValueError(f"groups must hold 1 to {MOST_GROUPS} groups of 1 to {MOST_ROWS} rows, got {len(groups)}")
    if any(list(group) != rows for group in groups.values()):
        raise ValueError(f"groups must have the same rows, got {[list(group) for group in groups.values()]}")
    found = {title: {row: interval(*runs) for row, runs in group.items()} for title, group in groups.items()}
    reach = 1.08 * max(_farthest(groups[title][row], found[title][row]) for title in groups for row in rows)
    sheet = Sheet(WIDTH, TITLE + ROW * len(rows) + FOOT, theme)
    slot = (WIDTH - 2 * MARGIN) / len(groups)
    for i, title in enumerate(groups):
        panel = _Panel(sheet, MARGIN + i * slot, slot, reach or 1.0)
        panel.draw(title, groups[title], found[title], better, unit)
    return sheet.figure(), "; ".join(_describe(title, found[title]) for title in groups) + "."


class _Panel:
    """One group: its rows below each other, zero in the middle."""

    def __init__(self, sheet: Sheet, x: float, slot: float, reach: float) -> None:
        self.sheet, self.reach = sheet, reach
        self.left, self.right = x + NAME, x + slot - NUMBERS
        self.middle, self.half = (self.left + self.right) / 2, (self.right - self.left) / 2

    def at(self, difference: float) -> float:
        return self.middle + difference / self.reach * self.half

    def draw(self, title: str, group: Mapping[str, Runs], found: Mapping, better: tuple[str, str], unit: str) -> None:
        sheet, bottom = self.sheet, TITLE + ROW * len(group)
        sheet.text(self.left - NAME + 8, 22, title, style.LARGE, align="left", bold=True)
        sheet.text(self.right + 10, 46, "mean, interval", style.SMALL, sheet.colors.muted, "left")
        sheet.line((self.left, bottom), (self.right, bottom), sheet.colors.muted)
        sheet.line((self.middle, TITLE - 8), (self.middle, bottom), sheet.colors.ink, 1.5)
        for value in _ticks(self.reach):
            sheet.line((self.at(value), TITLE - 8), (self.at(value), bottom), width=0.7)
            sheet.text(self.at(value), bottom + 14, f"{value:+g}".replace("-", "−") if value else "0", style.SMALL)
        sheet.text(self.left, bottom + 34, f"← {better[0]}", style.SMALL, align="left")
        sheet.text(self.right, bottom + 34, f"{better[1]} →", style.SMALL, align="right")
        sheet.text(self.middle, bottom + 53, f"ahead, in {unit}", style.SMALL, sheet.colors.muted)
        for j, (row, runs) in enumerate(group.items()):
            self._draw_row(TITLE + (j + 0.5) * ROW, row, runs, found[row])

    def _draw_row(self, y: float, row: str, runs: Runs, found: tuple[float, float, float]) -> None:
        sheet, (mean, low, high) = self.sheet, found
        clear = low > 0 or high < 0
        color = sheet.colors.series[0 if mean > 0 else 1] if clear else sheet.colors.muted
        sheet.text(self.left - 12, y, row, style.NORMAL, align="right")
        sheet.path((self.at(low), self.at(high)), (y, y), color, 4.0 if clear else 2.0)
        for end in (low, high):
            sheet.path((self.at(end),) * 2, (y - 7, y + 7), color, 2.0)
        sheet.dots([self.at(a - b) for a, b in zip(*runs, strict=True)], y - 12, sheet.colors.muted, "o", 7)
        sheet.dots([self.at(mean)], y, color, "D", 12)
        text = f"{mean:+.2f}  [{low:+.2f}, {high:+.2f}]".replace("-", "−")
        sheet.text(self.right + 10, y, text, style.SMALL - 1, align="left", bold=clear)


def _farthest(runs: Runs, found: tuple[float, float, float]) -> float:
    return max(abs(value) for value in (*(a - b for a, b in zip(*runs, strict=True)), *found))


def _ticks(reach: float) -> list[float]:
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if reach / s < 3 or s == 100)
    return [step * i for i in range(-int(reach / step), int(reach / step) + 1)]


def _describe(title: str, found: Mapping[str, tuple[float, float, float]]) -> str:
    parts = []
    for row, (mean, low, high) in found.items():
        verdict = "" if low > 0 or high < 0 else ", which holds 0"
        parts.append(f"{row} {mean:+.2f}, interval {low:+.2f} to {high:+.2f}{verdict}")
    return f"{title}: {'; '.join(parts)}"
