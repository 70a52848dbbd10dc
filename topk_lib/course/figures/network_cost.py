"""What networks cost: comparators and layers against the number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.plane import Plane, Scale, legend, power_of_ten
from ...experiments.drawing.sheet import Sheet
from ...networks import Network, bitonic, odd_even, splitter_selection

WIDTH, HEIGHT = 960, 450
LARGEST = 1024  # odd-even has half a million comparators there
NAMES = {"odd_even": "odd-even", "bitonic": "bitonic", "splitter_selection": "splitter selection"}
Costs = dict[str, list[int]]


@style.locked
def network_cost(sizes: Sequence[int], k: int = 5, theme: str = "light") -> tuple[Figure, str]:
    """Number of comparators and of layers against n, both axes logarithmic.

    Odd-even and bitonic networks sort everything; splitter selection brings the top k only. None is pruned.

    Args:
        sizes: at least two numbers of classes between k and 1024, ascending.
        k: number of ranks that splitter selection brings.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the cost of each network at the largest n.

    Raises:
        ValueError: sizes are too few, out of range or not ascending.
    """
    sizes = list(sizes)
    ascending = all(low < high for low, high in pairwise(sizes))
    if len(sizes) < 2 or not ascending or not k <= sizes[0] or sizes[-1] > LARGEST:
        raise ValueError(f"sizes must be two or more numbers from {k} to {LARGEST} in ascending order, got {sizes}")
    built = {kind: [_build(kind, n, k) for n in sizes] for kind in NAMES}
    comparators = {kind: [network.size for network in networks] for kind, networks in built.items()}
    layers = {kind: [network.depth for network in networks] for kind, networks in built.items()}
    sheet = Sheet(WIDTH, HEIGHT, theme)
    _draw(sheet, 66, sizes, comparators, "comparators")
    _draw(sheet, 556, sizes, layers, "layers")
    whole = {
        "odd_even": "odd-even sort",
        "bitonic": "bitonic sort",
        "splitter_selection": f"splitter selection, top {k}",
    }
    entries = [(whole[kind], *look(sheet, kind)) for kind in NAMES]
    legend(sheet, 66, HEIGHT - 20, [*entries, ("n itself", sheet.colors.muted, ":", "")])
    return sheet.figure(), _caption(sizes[-1], comparators, layers, k)


def look(sheet: Sheet, kind: str) -> tuple[str, object, str]:
    """Colour, dashes and marker of a network, the same in every figure of cost."""
    i = list(NAMES).index(kind)
    return sheet.colors.series[i], style.DASHES[i], style.MARKERS[i]


def _build(kind: str, n: int, k: int) -> Network:
    return (
        splitter_selection(n, k)
        if kind == "splitter_selection"
        else {"odd_even": odd_even, "bitonic": bitonic}[kind](n)
    )


def _draw(sheet: Sheet, x: float, sizes: Sequence[int], costs: Costs, title: str) -> None:
    top = max(map(max, costs.values()))
    low, high = min(1.0 * sizes[0], *map(min, costs.values())), 1.3 * top
    ticks = [10.0**e for e in range(7) if low <= 10.0**e <= high]
    across = Scale(sizes[0], sizes[-1], sizes, log=True)
    plane = Plane(
        sheet, x, 54, 380, 296, across, Scale(low, high, ticks, True, power_of_ten), title, "n, number of classes"
    )
    plane.curve(sizes, sizes, sheet.colors.muted, ":", 1.5)
    for kind, values in costs.items():
        color, dashes, marker = look(sheet, kind)
        plane.curve(sizes, values, color, dashes)
        plane.dots(sizes, values, color, marker)


def _caption(n: int, comparators: Costs, layers: Costs, k: int) -> str:
    parts = [
        f"{NAMES[kind]} {comparators[kind][-1]:,} comparators in {layers[kind][-1]} layers"
        + (f" (top {k} only)" if kind == "splitter_selection" else "")
        for kind in NAMES
    ]
    ratio = comparators["bitonic"][-1] / comparators["splitter_selection"][-1]
    return f"For n = {n}: {'; '.join(parts)}, {ratio:.1f} times fewer than bitonic."
