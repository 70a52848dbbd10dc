"""What the payload saves: measured time and memory of ways to the same loss, as ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend
from ...experiments.drawing.sheet import Sheet
from .network_cost import NAMES, look

WIDTH, HEIGHT = 960, 470
PAYLOAD, WHOLE, ROWS = "payload", "whole matrix", "k rows"
MEASURES = {"seconds": "processor time", "peak_bytes": "memory at the busiest moment"}
Curves = dict[tuple[str, str], tuple[list[int], list[float]]]


@style.locked
def cost_curves(record: Mapping[str, object], theme: str = "light") -> tuple[Figure, str]:
    """Time and memory of the whole matrix and of k rows, as multiples of the payload's, against n on log axes.

    Each point is one network at one n, divided by the payload way on the same network. The dotted line is
    (n + 1)/2, the ratio of the numbers that the whole matrix and the payload store for the backward pass.

    Args:
        record: what `python -m topk_lib.course.lesson_05.measure` wrote.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the largest ratios and where they were measured.

    Raises:
        ValueError: a row has no payload row beside it, or there are fewer than two sizes.
    """
    rows: Sequence[Mapping] = record["rows"]
    sizes = sorted({row["n"] for row in rows})
    if len(sizes) < 2:
        raise ValueError(f"record must hold at least two sizes, got {sizes}")
    sheet = Sheet(WIDTH, HEIGHT, theme)
    heading = "as multiples of what the payload way takes, on the same network and with the same n"
    sheet.text(60, 24, heading, style.SMALL, sheet.colors.muted, "left")
    for x, below, (measure, title) in zip((60, 556), (-16, 24), MEASURES.items(), strict=True):
        plane = _draw(sheet, x, sizes, ratios(rows, measure), title)
        _name(plane, ratios(rows, measure), sizes[-1], below)
    entries = [(NAMES[kind], *look(sheet, kind)) for kind in NAMES]
    legend(sheet, 60, HEIGHT - 20, [*entries, ("(n + 1)/2", sheet.colors.muted, ":", "")])
    return sheet.figure(), _caption(record)


def ratios(rows: Sequence[Mapping], measure: str) -> Curves:
    """For every (network, way) its sizes, and the measure there as a multiple of the payload's."""
    payload = {(row["network"], row["n"]): row[measure] for row in rows if row["way"] == PAYLOAD}
    curves: Curves = {}
    for row in rows:
        key = row["network"], row["n"]
        if key not in payload:
            raise ValueError(f"record has no row for the payload on {key[0]} with n = {key[1]}")
        sizes, values = curves.setdefault((row["network"], row["way"]), ([], []))
        sizes.append(row["n"])
        values.append(row[measure] / payload[key])
    return curves


def _draw(sheet: Sheet, x: float, sizes: Sequence[int], curves: Curves, title: str) -> Plane:
    across = Scale(sizes[0], sizes[-1], sizes, log=True)
    top = (sizes[-1] + 1) / 2
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500) if tick <= top]
    up = Scale(0.5, top, ticks, log=True, label="×{:g}".format)
    plane = Plane(sheet, x, 76, 384, 310, across, up, title, "n, number of classes")
    plane.curve(sizes, [(n + 1) / 2 for n in sizes], sheet.colors.muted, ":", 1.5)
    plane.curve(sizes, [1] * len(sizes), sheet.colors.ink, "-", 2.5)
    for (kind, way), (a, b) in curves.items():
        if way != PAYLOAD:
            color, dashes, marker = look(sheet, kind)
            plane.curve(a, b, color, dashes, 2.5 if way == WHOLE else 1.5)
            plane.dots(a, b, color, marker, 10 if way == WHOLE else 7)
    return plane


def _name(plane: Plane, curves: Curves, last: int, below: float) -> None:
    """Words at the right end of the three groups of curves; ``below`` moves those of the whole matrix down."""
    ends = {way: max((a[-1], b[-1]) for (_, name), (a, b) in curves.items() if name == way) for way in (WHOLE, ROWS)}
    plane.write(last, ends[WHOLE][1], WHOLE, "right", -below)
    plane.write(last, ends[ROWS][1], ROWS, "right", 15)
    plane.write(last, 1, "payload", "right", -13)


def _caption(record: Mapping) -> str:
    rows, settings, machine = record["rows"], record["settings"], record["machine"]
    found = {measure: ratios(rows, measure) for measure in MEASURES}
    parts = []
    for kind, name in NAMES.items():
        sizes, seconds = found["seconds"][kind, WHOLE]
        memory = found["peak_bytes"][kind, WHOLE][1][-1]
        parts.append(f"{name} at n = {sizes[-1]}: {seconds[-1]:.0f} times the time, {memory:.0f} times the memory")
    rows_of = [value for (_, way), (_, b) in found["seconds"].items() if way == ROWS for value in b]
    return (
        f"The whole matrix against the payload, {'; '.join(parts)}. k = {settings['k']} rows: {min(rows_of):.1f} to "
        f"{max(rows_of):.1f} times the time. Medians of {settings['rounds']} rounds, batches of {settings['batch']}, "
        f"{machine['threads']} thread of {machine['processor']}, torch {record['versions']['torch']}."
    )
