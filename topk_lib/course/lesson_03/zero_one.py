"""Exercise 3.3: the 0-1 principle as a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from ..checks import Checks, says
from .wires import Layers, bitonic_layers, flipped, odd_even_layers, sent_through, turned, upwards, without


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


def _without(n: int) -> Iterable[tuple[str, Layers, int]]:
    layers = odd_even_layers(n)
    for t, i in _places(layers):
        yield f"odd-even on {n} lanes without comparator {i + 1} of layer {t + 1}", without(layers, t, i), n


def _turned(n: int) -> Iterable[tuple[str, Layers, int]]:
    layers = bitonic_layers(n)
    for t, i in _places(layers):
        yield f"bitonic on {n} lanes with comparator {i + 1} of layer {t + 1} turned round", turned(layers, t, i), n


def _places(layers: Layers) -> Iterable[tuple[int, int]]:
    return ((t, i) for t, layer in enumerate(layers) for i in range(len(layer)))


KINDS = {"odd-even": odd_even_layers, "bitonic": bitonic_layers}
SORTING = [(f"{kind} on {n} lanes", build(n), n) for kind, build in KINDS.items() for n in (2, 3, 6, 8)]
SORTING += [("no comparators on one lane", [], 1)]
MISSING, TURNED = list(_without(6)), list(_turned(8))
SHORT = [(f"the first {t} layers of odd-even on 6 lanes", odd_even_layers(6)[:t], 6) for t in range(6)]
BACKWARDS = [("a network that sorts the other way round", flipped(odd_even_layers(4)), 4)]


def _sorts(layers: Layers, inputs: Iterable, descending: bool = False) -> list[bool]:
    return [sent_through(layers, list(x)) == sorted(x, reverse=descending) for x in inputs]


def _bits(n: int) -> Iterable[tuple[int, ...]]:
    return itertools.product((0, 1), repeat=n)


CASES = [case for _, *case in SORTING + MISSING + TURNED + SHORT + BACKWARDS]

CHECKS = Checks(
    reference=sorts_everything,
    cases=CASES,
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
        "the order of the pair ignored": lambda layers, n: all(_sorts(upwards(layers), _bits(n))),
        "only one backwards input": lambda layers, n: all(_sorts(layers, [range(n, 0, -1)])),
        "inputs with a single 1 only": lambda layers, n: all(
            _sorts(layers, ([int(i == j) for j in range(n)] for i in range(n)))
        ),
        "descending taken for sorted": lambda layers, n: all(_sorts(layers, _bits(n), descending=True)),
    },
)
