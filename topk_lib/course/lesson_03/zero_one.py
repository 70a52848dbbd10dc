"""Exercise 3.3: the 0-1 principle as a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from ..attempt import Attempt
from ..checks import Checks
from .wires import Layers, bitonic_layers, odd_even_layers, sent_through, turned, upwards, without


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


def _sorting() -> list[tuple[str, Layers, int]]:
    both = [(f"{kind} on {n} lanes", build(n), n) for kind, build in _KINDS.items() for n in (2, 3, 6, 8)]
    return [*both, ("no comparators on one lane", [], 1)]


_KINDS = {"odd-even": odd_even_layers, "bitonic": bitonic_layers}


def _places(layers: Layers) -> Iterable[tuple[int, int]]:
    return ((t, i) for t, layer in enumerate(layers) for i in range(len(layer)))


def _missing() -> list[tuple[str, Layers, int]]:
    layers = odd_even_layers(6)
    named = "odd-even on 6 lanes without comparator {} of layer {}"
    return [(named.format(i + 1, t + 1), without(layers, t, i), 6) for t, i in _places(layers)]


def _turned() -> list[tuple[str, Layers, int]]:
    layers = bitonic_layers(8)
    named = "bitonic on 8 lanes with comparator {} of layer {} turned round"
    return [(named.format(i + 1, t + 1), turned(layers, t, i), 8) for t, i in _places(layers)]


def _short() -> list[tuple[str, Layers, int]]:
    return [(f"the first {t} layers of odd-even on 6 lanes", odd_even_layers(6)[:t], 6) for t in range(6)]


def _backwards() -> list[tuple[str, Layers, int]]:
    down = [[pair[::-1] for pair in layer] for layer in odd_even_layers(4)]
    return [("a network that sorts the other way round", down, 4)]


def _judged(wanted: bool, cases: Callable[[], list]) -> Callable[[Attempt], str | None]:
    def test(attempt: Attempt) -> str | None:
        for name, layers, n in cases():
            if attempt.truth(layers, n) != wanted:
                return f"your function says {not wanted} for {name}"
        return None

    return test


def _all_cases() -> list[tuple[str, Layers, int]]:
    return _sorting() + _missing() + _turned() + _short() + _backwards()


def _sorts(layers: Layers, inputs: Iterable, descending: bool = False) -> list[bool]:
    return [sent_through(layers, list(x)) == sorted(x, reverse=descending) for x in inputs]


def _bits(n: int) -> Iterable[tuple[int, ...]]:
    return itertools.product((0, 1), repeat=n)


CHECKS = Checks(
    reference=sorts_everything,
    cases=lambda: [case[1:] for case in _all_cases()],
    imports="import itertools",
    properties={
        "True for odd-even and bitonic networks": _judged(True, _sorting),
        "False when any comparator of the odd-even network is missing": _judged(False, _missing),
        "False when any comparator of the bitonic network is turned round": _judged(False, _turned),
        "False when the last layers are missing": _judged(False, _short),
        "False for a network that sorts the other way round": _judged(False, _backwards),
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
