"""What networks cost: comparators and layers by number of classes, and what the payload saves in time and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend, powers
from ...experiments.drawing.sheet import Sheet
from ...experiments.drawing.style import Look
from .given import check_ascending
from .network_run import BUILDERS

WIDTH = 960
LARGEST = 1024  # odd-even has half a million comparators there
PAYLOAD, WHOLE, ROWS = "payload", "whole matrix", "k rows"
MEASURES = {"seconds": "processor time", "peak_bytes": "memory at the busiest moment"}
Curves = dict[tuple[str, str], tuple[list[int], list[float]]]


@style.locked
def network_cost(sizes: Sequence[int], k: int = 5, theme: str = "light") -> tuple[Figure, str]:
    """Number of comparators and of layers against n, both axes logarithmic.

    Odd-even and bitonic networks sort everything; splitter selection brings the top k only. None is pruned.

    Args:
        sizes: at least two numbers of classes between k and 1024, ascending.
        k: number of ranks that splitter selection brings.

    Returns:
        The figure, and a caption with the cost of each network at the largest n.

    Raises:
        ValueError: sizes are too few, out of range or not ascending.
    """
    sizes = list(sizes)
    check_ascending("sizes", sizes)
    if not k <= sizes[0] or sizes[-1] > LARGEST:
        raise ValueError(f"sizes must be between {k} and {LARGEST}, got {sizes}")
    built = {kind: [build(n, k) for n in sizes] for kind, build in BUILDERS.items()}
    costs = {
        "comparators": {kind: [network.size for network in networks] for kind, networks in built.items()},
        "layers": {kind: [network.depth for network in networks] for kind, networks in built.items()},
    }
    sheet, looks = Sheet(WIDTH, 450, theme), {kind: style.look(theme, kind) for kind in BUILDERS}
    across = Scale(sizes[0], sizes[-1], sizes, log=True)
    for x, (title, cost) in zip((66, 556), costs.items(), strict=True):
        low, high = min(1.0 * sizes[0], *map(min, cost.values())), 1.3 * max(map(max, cost.values()))
        plane = Plane(sheet, x, 54, 380, 296, across, powers(low, high), title, "n, number of classes")
        plane.curve(sizes, sizes, sheet.colors.muted, ":", 1.5)
        for kind, values in cost.items():
            plane.draw(sizes, values, looks[kind])
    brings = {"odd_even": " sort", "bitonic": " sort", "splitter_selection": f", top {k}"}
    entries = [look._replace(name=look.name + brings[kind]) for kind, look in looks.items()]
    legend(sheet, 66, 430, [*entries, Look("n itself", sheet.colors.muted, ":")])
    last = {kind: networks[-1] for kind, networks in built.items()}
    parts = (f"{looks[kind].name} {net.size:,} comparators in {net.depth} layers" for kind, net in last.items())
    ratio = last["bitonic"].size / last["splitter_selection"].size
    only = f"(top {k} only), {ratio:.1f} times fewer than bitonic"
    return sheet.figure(), f"For n = {sizes[-1]}: {'; '.join(parts)} {only}."


@style.locked
def cost_curves(record: Mapping[str, object], theme: str = "light") -> tuple[Figure, str]:
    """Time and memory of the whole matrix and of k rows, as multiples of the payload's, against n on log axes.

    Each point is one network at one n, divided by the payload way on the same network. The dotted line is
    (n + 1)/2, the ratio of the numbers that the whole matrix and the payload store for the backward pass.

    Args:
        record: what `python -m topk_lib.course.lesson_05.measure` wrote.

    Returns:
        The figure, and a caption with the largest ratios and where they were measured.

    Raises:
        ValueError: a row has no payload row beside it, or there are fewer than two sizes.
    """
    rows: Sequence[Mapping] = record["rows"]
    sizes = sorted({row["n"] for row in rows})
    if len(sizes) < 2:
        raise ValueError(f"record must hold at least two sizes, got {sizes}")
    sheet, looks = Sheet(WIDTH, 470, theme), {kind: style.look(theme, kind) for kind in BUILDERS}
    sheet.note(60, 24, "as multiples of what the payload way takes, on the same network and with the same n")
    found = {measure: ratios(rows, measure) for measure in MEASURES}
    top = (sizes[-1] + 1) / 2
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500) if tick <= top]
    scales = Scale(sizes[0], sizes[-1], sizes, log=True), Scale(0.5, top, ticks, log=True, label="×{:g}".format)
    for x, above, (measure, title) in zip((60, 556), (16, -24), MEASURES.items(), strict=True):
        plane = Plane(sheet, x, 76, 384, 310, *scales, title, "n, number of classes")
        plane.curve(sizes, [(n + 1) / 2 for n in sizes], sheet.colors.muted, ":", 1.5)
        plane.curve(sizes, [1] * len(sizes), sheet.colors.ink, "-", 2.5)
        for (kind, way), (a, b) in found[measure].items():
            if way != PAYLOAD:
                plane.draw(a, b, looks[kind], *((2.5, 10) if way == WHOLE else (1.5, 7)))
        for way, up in ((WHOLE, above), (ROWS, 15), (PAYLOAD, -13)):
            end = max((a[-1], b[-1]) for (_, other), (a, b) in found[measure].items() if other == way)
            plane.write(sizes[-1], end[1], way, "right", up)
    legend(sheet, 60, 450, [*looks.values(), Look("(n + 1)/2", sheet.colors.muted, ":")])
    settings, machine, parts = record["settings"], record["machine"], []
    for kind, look in looks.items():
        (measured, seconds), (_, memory) = found["seconds"][kind, WHOLE], found["peak_bytes"][kind, WHOLE]
        times = f"{seconds[-1]:.0f} times the time, {memory[-1]:.0f} times the memory"
        parts.append(f"{look.name} at n = {measured[-1]}: {times}")
    of_rows = [value for (_, way), (_, b) in found["seconds"].items() if way == ROWS for value in b]
    return sheet.figure(), (
        f"The whole matrix against the payload, {'; '.join(parts)}. k = {settings['k']} rows: {min(of_rows):.1f} to "
        f"{max(of_rows):.1f} times the time. Medians of {settings['rounds']} rounds, batches of {settings['batch']}, "
        f"{machine['threads']} thread of {machine['processor']}, torch {record['versions']['torch']}."
    )


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
