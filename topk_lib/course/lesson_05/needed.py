"""Exercise 5.1: which comparators the top k need."""

from __future__ import annotations

from ...networks import splitter_selection
from ..checks import Checks, Instead, agrees
from ..lesson_03.wires import as_lists, bitonic_layers, odd_even_layers


def count_needed(layers: list[list[tuple[int, int]]], n: int, k: int) -> int:
    """How many comparators of a network on n lanes can influence what leaves on its last k lanes."""
    live = set(range(n - k, n))
    needed = 0
    for layer in reversed(layers):
        for low, high in layer:
            if low in live or high in live:
                needed += 1
                live.update((low, high))
    return needed


SMALL = [([[first], [second]], 3, 1) for first, second in (((0, 1), (1, 2)), ((1, 2), (0, 1)), ((0, 1), (2, 1)))]
EVERYTHING = [(odd_even_layers(8), 8, 8), (bitonic_layers(8), 8, 8)]
ODD_EVEN = [(odd_even_layers(6), 6, k) for k in range(1, 6)]
BITONIC = [(bitonic_layers(16), 16, k) for k in (1, 2, 5, 11)]
KNOCKOUT = [(as_lists(splitter_selection(100, 1)), 100, 1)]

CHECKS = Checks(
    reference=count_needed,
    cases=SMALL + ODD_EVEN + EVERYTHING + BITONIC + KNOCKOUT,
    case="a network on {n} lanes, k = {k}",
    imports="",
    properties={
        "a comparator counts only if its result still gets to the last k lanes": agrees(
            SMALL, case="layers {layers}, n = {n}, k = {k}"
        ),
        "for k = n a sorting network needs all its comparators": agrees(EVERYTHING),
        "the odd-even network of the figure is counted right for k = 1 … 5": agrees(
            ODD_EVEN, case="odd-even on 6 lanes, k = {k}"
        ),
        "so is a bitonic network, where arrows point both ways": agrees(BITONIC, case="bitonic on 16 lanes, k = {k}"),
        "the best of 100 takes 99, as in any knock-out tournament": agrees(
            KNOCKOUT, case="splitter selection, the best of {n}"
        ),
    },
    mistakes={
        "walked from the first layer": Instead("reversed(layers)", "layers"),
        "the set never grows": Instead("live.update((low, high))", "pass"),
        "the first k lanes": Instead("range(n - k, n)", "range(k)"),
        "both lanes asked for": Instead("low in live or", "low in live and"),
        "only the low lane joins": Instead("live.update((low, high))", "live.add(low)"),
        "the pruned ones counted": lambda layers, n, k: sum(map(len, layers)) - count_needed(layers, n, k),
    },
)
