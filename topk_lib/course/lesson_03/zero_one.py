"""Exercise 3.3: the 0-1 principle as a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..checks import Checks, Instead, says
from .wires import Layers, bitonic_layers, odd_even_layers, turned, without


def sorts_everything(layers, n):
    """Whether a network on n lanes sorts every input of zeros and ones, and therefore every input."""
    for bits in itertools.product((0, 1), repeat=n):
        values = list(bits)
        for layer in layers:
            for low, high in layer:
                if values[low] > values[high]:
                    values[low], values[high] = values[high], values[low]
        if values != sorted(values):
            return False
    return True


def _places(layers: Layers) -> Iterator[tuple[int, int, str]]:
    """Layer and position of every comparator, counted from 0, and in words."""
    for t, layer in enumerate(layers):
        yield from ((t, i, f"comparator {i + 1} of layer {t + 1}") for i in range(len(layer)))


SIX, EIGHT = odd_even_layers(6), bitonic_layers(8)
KINDS = {"odd-even": odd_even_layers, "bitonic": bitonic_layers}
SORTING = [(f"{kind} on {n} lanes", build(n), n) for kind, build in KINDS.items() for n in (2, 3, 6, 8)]
SORTING += [("no comparators on one lane", [], 1)]
MISSING = [(f"odd-even on 6 lanes without {which}", without(SIX, t, i), 6) for t, i, which in _places(SIX)]
TURNED = [(f"bitonic on 8 lanes with {which} turned round", turned(EIGHT, t, i), 8) for t, i, which in _places(EIGHT)]
SHORT = [(f"the first {t} layers of odd-even on 6 lanes", SIX[:t], 6) for t in range(6)]
FLIPPED = [[pair[::-1] for pair in layer] for layer in odd_even_layers(4)]
BACKWARDS = [("a network that sorts the other way round", FLIPPED, 4)]

CHECKS = Checks(
    reference=sorts_everything,
    cases=[tuple(case) for _, *case in SORTING + MISSING + TURNED + SHORT + BACKWARDS],
    imports="import itertools",
    properties={
        "True for odd-even and bitonic networks": says(True, SORTING),
        "False when any comparator of the odd-even network is missing": says(False, MISSING),
        "False when any comparator of the bitonic network is turned round": says(False, TURNED),
        "False when the last layers are missing": says(False, SHORT),
        "False for a network that sorts the other way round": says(False, BACKWARDS),
    },
    mistakes={
        "one good input is enough": lambda layers, n: True,
        "the order of the pair ignored": Instead("in layer:", "in map(sorted, layer):"),
        "only one backwards input": Instead("itertools.product((0, 1), repeat=n)", "[range(n, 0, -1)]"),
        "inputs with a single 1 only": Instead(
            "itertools.product((0, 1), repeat=n)", "([int(i == j) for j in range(n)] for i in range(n))"
        ),
        "descending taken for sorted": Instead("!= sorted(values)", "!= sorted(values, reverse=True)"),
    },
)
