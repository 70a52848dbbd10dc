"""How time and memory of the loss grow with the number of classes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from . import style
from .plane import Plane, Scale, legend, power_of_ten
from .quantities import amount, duration
from .sheet import Sheet

WIDTH, HEIGHT, LINE = 960, 486, 18
TICKS = {
    "seconds": {10.0**e: duration(10.0**e).replace(".00 ", " ").replace(".0 ", " ") for e in range(-7, 3)},
    "peak_bytes": {10.0**e: amount(10.0**e).replace(".00 ", " ").replace(".0 ", " ") for e in range(3, 11)},
}
MEASURES = {"seconds": "time per sample", "peak_bytes": "peak memory per sample"}


@style.locked
def growth_curves(record: Mapping[str, Any], theme: str = "light") -> tuple[Figure, str]:
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
    ended = [f"{style.in_words(w)} ends before n = {e['classes']:,}: {e['rule']}." for w, e in grown["ends"].items()]
    notes = [line for note in ended for line in textwrap.wrap(note, 132)]
    sheet = Sheet(WIDTH, HEIGHT + LINE * len(notes), theme)
    looks = style.looks(theme, grown["slopes"])
    across = Scale(sizes[0], sizes[-1], sizes, log=True, label=power_of_ten)
    by_way = {way: [row for row in grown["rows"] if row["way"] == way] for way in grown["slopes"]}
    for x, (measure, title) in zip((76, 570), MEASURES.items(), strict=True):
        values, ends = [row[measure] for row in grown["rows"]], []
        low, high = min(values) / 1.5, max(values) * 1.5
        shown = [tick for tick in TICKS[measure] if low <= tick <= high]
        shown = shown[:: 1 if len(shown) < 8 else 2]
        up = Scale(low, high, shown, log=True, label=TICKS[measure].__getitem__)
        plane = Plane(sheet, x, 58, 310, 312, across, up, title, "n, number of classes")
        sheet.note(x + 340, 38, "slope", "center")
        for way, rows in by_way.items():
            plane.draw([row["classes"] for row in rows], [row[measure] for row in rows], looks[way])
            if (slope := grown["slopes"][way][measure]) is not None:
                ends.append((rows[-1]["classes"], rows[-1][measure], looks[way]._replace(name=f"{slope:.2f}")))
        plane.name_ends(ends)
    legend(sheet, 40, 448, looks.values())
    for i, note in enumerate(notes):
        sheet.note(40, 480 + LINE * i, note)
    parts = []
    for way, slopes in grown["slopes"].items():
        row = by_way[way][-1]
        exponents = " and ".join(f"n^{slope:.2f}" for slope in slopes.values() if slope is not None)
        parts.append(
            f"{style.in_words(way)} {exponents}, at n = {row['classes']:,} {1000 * row['seconds']:.3g} ms and "
            f"{row['peak_bytes'] / 1e6:.3g} MB"
        )
    fitted = "Time and peak memory per sample, forward and backward, grow as powers of n up to"
    return sheet.figure(), " ".join([f"{fitted} {sizes[-1]:,}: {'; '.join(parts)}.", *ended])
