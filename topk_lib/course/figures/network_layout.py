"""Where the lanes, comparators and numbers of a network stand on a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...experiments.drawing.lettering import width
from .given import number_label

WIDTH, HEIGHT, MARGIN = 960, 560, 16
LEFT, RIGHT, TOP, BOTTOM = 136, 140, 84, 78  # room for inputs, outputs, headings and legend
WIDEST_COLUMN, WIDEST_PITCH = 64, 104
DISC, DOT = 25, 10  # a comparator's mark with a number in it, and without one
GAP = 6  # between layers where no numbers stand


@dataclass(frozen=True)
class Tag:
    """How the numbers on the wires are written.

    Attributes:
        size: of the letters.
        decimals: of the numbers; None writes them as short as they are.
        named: whether the class stands before its number.
    """

    size: int
    decimals: int | None
    named: bool

    def write(self, value: float, name: str) -> str:
        """The text for one lane."""
        number = number_label(value, self.decimals)
        return f"{name} {number}" if self.named else number

    def room(self, names: Sequence[str], values: np.ndarray) -> float:
        """Width of the widest text there can be, with some air."""
        low, high = values.min(), values.max()
        widest = max(width(number_label(value, self.decimals)) for value in (low, high, *values))
        name = max(width(f"{name} ") for name in names) if self.named else 0.0
        return (widest + name + 0.8) * self.size


SOFT_TAGS = (Tag(12, 2, False), Tag(11, 2, False), Tag(10, 1, False))
HARD_TAGS = (Tag(12, None, True), Tag(11, None, True), Tag(12, None, False), Tag(10, 1, False))


def side_by_side(layer: np.ndarray) -> np.ndarray:
    """A column for each comparator of a layer, so that no two in a column overlap."""
    columns, ends = np.zeros(len(layer), int), []
    for i in np.argsort(layer.min(axis=1), kind="stable"):
        low, high = layer[i].min(), layer[i].max()
        free = (c for c, end in enumerate(ends) if end < low)
        columns[i] = next(free, len(ends))
        ends[columns[i] :] = [high, *ends[columns[i] + 1 :]]
    return columns


@dataclass(frozen=True, eq=False)
class Layout:
    """The places of a network's parts; lane n-1 is on top.

    Attributes:
        n: number of lanes.
        columns: per layer, a column for each of its comparators.
        tag: how numbers are written.
        rooms: per layer, how wide the numbers behind it may be; GAP where none are written.
    """

    n: int
    columns: tuple[np.ndarray, ...]
    tag: Tag
    rooms: np.ndarray

    @cached_property
    def widths(self) -> np.ndarray:
        """How many columns each layer has."""
        return np.array([c.max(initial=0) + 1 for c in self.columns], int)

    @cached_property
    def column(self) -> float:
        """Width of a column."""
        left_over = WIDTH - LEFT - RIGHT - self.rooms.sum()
        return min(WIDEST_COLUMN, left_over / max(1, self.widths.sum()))

    @cached_property
    def pitch(self) -> float:
        """Distance of two lanes."""
        return min(WIDEST_PITCH, (HEIGHT - TOP - BOTTOM) / self.n)

    @cached_property
    def starts(self) -> np.ndarray:
        """The left edge of every layer, and the right end of the last one's numbers."""
        steps = self.widths * self.column + self.rooms
        slack = WIDTH - LEFT - RIGHT - steps.sum()
        return LEFT + slack / 2 + np.concatenate([[0], np.cumsum(steps)])

    @property
    def marks_hold_numbers(self) -> bool:
        """Whether there is room for α in a comparator's mark."""
        return min(self.column, self.pitch) >= DISC + 1

    @property
    def marks_stand_apart(self) -> bool:
        """Whether marks without numbers do not touch; a layer's only column may bulge a little."""
        return self.column >= (DOT + 2 if self.widths.max(initial=1) > 1 else DOT - 2)

    def y(self, lane: float | np.ndarray) -> float | np.ndarray:
        """Height of a lane."""
        middle = (TOP + HEIGHT - BOTTOM) / 2
        return middle + ((self.n - 1) / 2 - np.asarray(lane)) * self.pitch

    def band(self, t: int) -> tuple[float, float]:
        """Left and right edge of a layer's comparators; behind the right one stand its numbers."""
        return self.starts[t], self.starts[t + 1] - self.rooms[t]

    def x(self, t: int, i: int) -> float:
        """Where comparator i of layer t stands."""
        return self.starts[t] + (self.columns[t][i] + 0.5) * self.column

    def tag_x(self, t: int) -> float:
        """The middle of the numbers behind layer t."""
        return self.starts[t + 1] - self.rooms[t] / 2


def lay_out(layers: Sequence[np.ndarray], values: np.ndarray, names: Sequence[str], hard: bool, step: int) -> Layout:
    """The layout with the most legible numbers that still leaves room for the comparators.

    Where even the smallest numbers leave none, they stand behind the layer done last and behind the last one only.
    """
    n, columns = len(values), tuple(map(side_by_side, layers))
    tags = HARD_TAGS if hard else SOFT_TAGS
    everywhere = np.ones(len(layers))
    layouts = [Layout(n, columns, tag, tag.room(names, values) * everywhere) for tag in tags]
    layouts = [layout for layout in layouts if layout.tag.size + 8 <= layout.pitch]
    for fits in (Layout.marks_hold_numbers, Layout.marks_stand_apart):
        for layout in layouts:
            if fits.fget(layout):
                return layout
    rooms = np.full(len(layers), float(GAP))
    rooms[[max(step, 1) - 1, -1]] = tags[-1].room(names, values)
    return Layout(n, columns, tags[-1], rooms)
