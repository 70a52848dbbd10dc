"""How time and memory of the loss grow with the number of classes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise

from matplotlib.figure import Figure

from . import style
from .plane import Plane, Scale, legend, power_of_ten
from .sheet import Sheet

WIDTH, HEIGHT, LINE, GAP = 960, 486, 18, 17
NAMES = {
    "splitter_selection": "splitter selection",
    "bitonic": "bitonic",
    "neuralsort": "NeuralSort",
    "softsort": "SoftSort",
    "cross-entropy": "cross-entropy",
}
SERIES = {"bitonic": 1, "splitter_selection": 2, "neuralsort": 3, "softsort": 4, "cross-entropy": 5}
_TIMES = {1e-7: "0.1 µs", 1e-6: "1 µs", 1e-5: "10 µs", 1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s"}
_TIMES |= {1.0: "1 s", 10.0: "10 s", 100.0: "100 s"}
_BYTES = {
    1e3: "1 kB",
    1e4: "10 kB",
    1e5: "0.1 MB",
    1e6: "1 MB",
    1e7: "10 MB",
    1e8: "0.1 GB",
    1e9: "1 GB",
    1e10: "10 GB",
}
MEASURES = {
    "seconds": ("time per sample", _TIMES),
    "peak_bytes": ("peak memory per sample", _BYTES),
}


@style.locked
def growth_curves(record: Mapping[str, object], theme: str = "light") -> tuple[Figure, str]:
    """Time and peak memory per sample against n, all axes logarithmic; fitted exponents stand at the curves' ends.

    Args:
        record: what `make bench` wrote; its part "growth" is drawn.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the exponents, the values at the largest n, and what ended a curve.

    Raises:
        ValueError: there are fewer than two sizes.
    """
    grown = record["growth"]
    sizes = sorted({row["classes"] for row in grown["rows"]})
    if len(sizes) < 2:
        raise ValueError(f"record must hold growth at two sizes or more, got {sizes}")
    notes = [line for note in _ends(grown) for line in textwrap.wrap(note, 132)]
    sheet = Sheet(WIDTH, HEIGHT + LINE * len(notes), theme)
    for x, (measure, (title, ticks)) in zip((76, 570), MEASURES.items(), strict=True):
        _draw(sheet, x, sizes, grown, measure, title, ticks)
    entries = [(NAMES[way], *_look(sheet, way)) for way in NAMES if way in grown["slopes"]]
    legend(sheet, 40, 448, entries)
    for i, note in enumerate(notes):
        sheet.text(40, 480 + LINE * i, note, style.SMALL, sheet.colors.muted, "left")
    return sheet.figure(), _caption(grown, sizes[-1])


def _look(sheet: Sheet, way: str) -> tuple[str, object, str]:
    i = SERIES[way]
    return sheet.colors.series[i], style.DASHES[i], style.MARKERS[i]


def _draw(sheet: Sheet, x: float, sizes: Sequence[int], grown: Mapping, measure: str, title: str, ticks: dict) -> None:
    values = [row[measure] for row in grown["rows"]]
    low, high = min(values) / 1.5, max(values) * 1.5
    shown = [tick for tick in ticks if low <= tick <= high]
    shown = shown[:: 1 if len(shown) < 8 else 2]
    up = Scale(low, high, shown, log=True, label=ticks.__getitem__)
    across = Scale(sizes[0], sizes[-1], sizes, log=True, label=power_of_ten)
    plane = Plane(sheet, x, 58, 310, 312, across, up, title, "n, number of classes")
    sheet.text(x + 340, 38, "slope", style.SMALL, sheet.colors.muted)
    ends = {}
    for way in grown["slopes"]:
        a = [row["classes"] for row in grown["rows"] if row["way"] == way]
        b = [row[measure] for row in grown["rows"] if row["way"] == way]
        color, dashes, marker = _look(sheet, way)
        plane.curve(a, b, color, dashes)
        plane.dots(a, b, color, marker)
        ends[way] = float(plane.place(a[-1], b[-1])[0]), float(plane.place(a[-1], b[-1])[1])
    _slopes(sheet, x + 316, ends, {way: slopes[measure] for way, slopes in grown["slopes"].items()})


def _slopes(sheet: Sheet, edge: float, ends: Mapping[str, tuple[float, float]], slopes: Mapping[str, float]) -> None:
    """The exponents right of the plane, each as near to its curve's end as the others allow; a dot says whose."""
    heights = _apart([y for _, y in ends.values()])
    for (way, (x, y)), height in zip(ends.items(), heights, strict=True):
        if slopes[way] is not None:
            color, _, marker = _look(sheet, way)
            sheet.line((x + 8, y), (edge + 4, height), sheet.colors.rule, 1)
            sheet.dots([edge + 10], height, color, marker, 8)
            sheet.text(edge + 19, height, f"{slopes[way]:.2f}", style.SMALL, align="left")


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights, moved down where two would be closer than a line, and then all up by half of what was moved."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + GAP)
    shift = sum(new - old for new, old in zip(moved, heights, strict=True)) / len(moved)
    return [height - shift for height in moved]


def _ends(grown: Mapping) -> list[str]:
    return [f"{NAMES[way]} ends before n = {end['classes']:,}: {end['rule']}." for way, end in grown["ends"].items()]


def _caption(grown: Mapping, largest: int) -> str:
    parts = []
    for way, slopes in grown["slopes"].items():
        row = [row for row in grown["rows"] if row["way"] == way][-1]
        exponents = " and ".join(f"n^{slope:.2f}" for slope in slopes.values() if slope is not None)
        parts.append(
            f"{NAMES[way]} {exponents}, at n = {row['classes']:,} {1000 * row['seconds']:.3g} ms and "
            f"{row['peak_bytes'] / 1e6:.3g} MB"
        )
    fitted = "Time and peak memory per sample, forward and backward, grow as powers of n up to"
    return " ".join([f"{fitted} {largest:,}: {'; '.join(parts)}.", *_ends(grown)])
