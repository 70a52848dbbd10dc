"""Exercise 3.3: the 0-1 principle as a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from ..attempt import Attempt
from ..grading import Exercise, Mistake, Property
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


def _verdicts(judge: Callable[[Layers, int], bool]) -> Callable[[Attempt], bool]:
    """Whether an attempt says what this mistaken judge says, in every case."""
    return lambda attempt: all(attempt.truth(layers, n) == judge(layers, n) for _, layers, n in _all_cases())


def _sorts(layers: Layers, inputs: Iterable, descending: bool = False) -> list[bool]:
    return [sent_through(layers, list(x)) == sorted(x, reverse=descending) for x in inputs]


def _bits(n: int) -> Iterable[tuple[int, ...]]:
    return itertools.product((0, 1), repeat=n)


ZERO_ONE = Exercise(
    id="3.3",
    title="Does it sort everything?",
    difficulty="medium",
    minutes=12,
    task=(
        "Write `sorts_everything(layers, n)`, which tells by the 0-1 principle whether a network on `n` lanes sorts "
        "every input."
    ),
    requirements=(
        "`layers` is a list of layers, each a list of pairs `(low, high)`, as in exercise 3.1.",
        "Try all $2^n$ inputs of zeros and ones; sorted means ascending, lane 0 first.",
        "Return `True` or `False`.",
    ),
    why="No number of random tests proves that a network sorts; this short loop does.",
    hints=(
        "The module itertools has a function product that yields all the inputs, as tuples.",
        "One input that comes out wrong settles it. For the other answer you have to see all of them.",
        "Your run_network of exercise 3.1 may be called from here, once per input.",
    ),
    takeaway="Sixty-four inputs stand for all inputs of six lanes; with one comparator less, some of them fail.",
    reference=sorts_everything,
    imports="import itertools",
    properties=(
        Property("True for odd-even and bitonic networks", _judged(True, _sorting)),
        Property("False when any comparator of the odd-even network is missing", _judged(False, _missing)),
        Property("False when any comparator of the bitonic network is turned round", _judged(False, _turned)),
        Property("False when the last layers are missing", _judged(False, _short)),
        Property("False for a network that sorts the other way round", _judged(False, _backwards)),
    ),
    mistakes=(
        Mistake(
            "one good input is enough",
            "You say True as soon as some input comes out sorted; all zeros always do. Every input has to: say True "
            "after the loop.",
            _verdicts(lambda layers, n: True),
        ),
        Mistake(
            "the order of the pair ignored",
            "You send the larger value to the lane with the higher number. In (1, 0) it belongs on lane 0.",
            _verdicts(lambda layers, n: all(_sorts(upwards(layers), _bits(n)))),
        ),
        Mistake(
            "only one backwards input",
            "You try descending numbers alone. Some broken networks sort those, and fail on another input.",
            _verdicts(lambda layers, n: all(_sorts(layers, [range(n, 0, -1)]))),
        ),
        Mistake(
            "inputs with a single 1 only",
            "You try n of the 2^n inputs, those with a single 1. Broken networks may need several ones to show.",
            _verdicts(lambda layers, n: all(_sorts(layers, ([int(i == j) for j in range(n)] for i in range(n))))),
        ),
        Mistake(
            "descending taken for sorted",
            "You expect the larger values on the lower lanes. Here outputs ascend: lane 0 holds the smallest.",
            _verdicts(lambda layers, n: all(_sorts(layers, _bits(n), descending=True))),
        ),
    ),
)
