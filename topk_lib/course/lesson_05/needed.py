"""Exercise 5.1: which comparators the top k need."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...networks import splitter_selection
from ..attempt import Attempt
from ..checks import Checks, Test, difference, each
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


SMALL = (
    ("two layers, (0, 1) and then (1, 2), for the best of 3", [[(0, 1)], [(1, 2)]], 3, 1),
    ("two layers, (1, 2) and then (0, 1), for the best of 3", [[(1, 2)], [(0, 1)]], 3, 1),
    ("two layers, (0, 1) and then (2, 1), for the last lane of 3", [[(0, 1)], [(2, 1)]], 3, 1),
)


ODD_EVEN = [(f"odd-even on 6 lanes, k = {k}", odd_even_layers(6), 6, k) for k in range(1, 6)]


BUILDERS = {"odd-even": odd_even_layers, "bitonic": bitonic_layers}
EVERYTHING = [(f"{kind} on 8 lanes, k = 8", build(8), 8, 8) for kind, build in BUILDERS.items()]


BITONIC = [(f"bitonic on 16 lanes, k = {k}", bitonic_layers(16), 16, k) for k in (1, 2, 5, 11)]


KNOCKOUT = [("splitter selection, the best of 100", as_lists(splitter_selection(100, 1)), 100, 1)]


def _counted(named: Iterable[tuple]) -> Test:
    def count(attempt: Attempt, _: str, *case: object) -> str | None:
        got, wanted = attempt.number(*case), count_needed(*case)
        return f"your count is {got:g}, expected {wanted}" if difference(got, wanted) else None

    return each(named, lambda name, *_: name, count)


def _mistaken(
    forwards: bool = False, first: bool = False, both: bool = False, grow: Callable = lambda low, high: (low, high)
) -> Callable[[list, int, int], int]:
    """The walk with one thing done otherwise."""

    def count(layers: list[list[tuple[int, int]]], n: int, k: int) -> int:
        live, needed = set(range(k) if first else range(n - k, n)), 0
        for low, high in (pair for layer in (layers if forwards else layers[::-1]) for pair in layer):
            if (low in live and high in live) if both else (low in live or high in live):
                needed += 1
                live.update(grow(low, high))
        return needed

    return count


CASES = [case for _, *case in (*SMALL, *ODD_EVEN, *EVERYTHING, *BITONIC, *KNOCKOUT)]

CHECKS = Checks(
    reference=count_needed,
    cases=CASES,
    imports="",
    properties={
        "a comparator counts only if its result still gets to the last k lanes": _counted(SMALL),
        "for k = n a sorting network needs all its comparators": _counted(EVERYTHING),
        "the odd-even network of the figure is counted right for k = 1 … 5": _counted(ODD_EVEN),
        "so is a bitonic network, where arrows point both ways": _counted(BITONIC),
        "the best of 100 takes 99, as in any knock-out tournament": _counted(KNOCKOUT),
    },
    mistakes={
        "walked from the first layer": _mistaken(forwards=True),
        "the set never grows": _mistaken(grow=lambda low, high: ()),
        "the first k lanes": _mistaken(first=True),
        "both lanes asked for": _mistaken(both=True),
        "only the low lane joins": _mistaken(grow=lambda low, high: (low,)),
        "the pruned ones counted": lambda layers, n, k: sum(map(len, layers)) - count_needed(layers, n, k),
    },
)
