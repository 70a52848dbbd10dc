"""Exercise 3.1: a vector through a hard network."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..attempt import Attempt, Watched
from ..checks import Checks, Sign, agrees, imitates
from ..example import SCORES
from .wires import Layers, bitonic_layers, flipped, odd_even_layers, sent_through, upwards


def run_network(layers, values):
    """The values on the lanes after all layers: low receives the smaller of each pair, high the larger."""
    values = list(values)
    for layer in layers:
        for low, high in layer:
            if values[low] > values[high]:
                values[low], values[high] = values[high], values[low]
    return values


def _reference(layers: Layers, values: list) -> torch.Tensor:
    return torch.tensor(sent_through(layers, values))


ONE_PAIR = [([[(0, 1)]], list(pair)) for pair in ((2.0, 1.0), (1.0, 2.0), (-1.0, -3.0))]


OTHER_WAY = [([[(1, 0)]], [1.0, 2.0]), ([[(2, 0)]], [1.0, 5.0, 2.0])]


WHOLE = [(odd_even_layers(6), list(SCORES)), (odd_even_layers(6), sorted(SCORES, reverse=True))]


BITONIC = [(bitonic_layers(8), [0.5, 2.0, -1.0, 3.0, -2.5, 1.0, 0.0, -0.5]), (bitonic_layers(6), list(SCORES))]


UNFINISHED = [(odd_even_layers(6)[:t], list(SCORES)) for t in (0, 1, 2, 3)]


def _name(layers: Layers, values: list) -> str:
    pairs = sum(map(len, layers))
    return f"{len(layers)} layers, {pairs} comparators, values {values}"


def _changed(change: Callable) -> Callable:
    """The right answer to changed arguments."""
    return lambda layers, values: _reference(*change(layers, values))


def _copied_too_late(layers: Layers, values: list) -> torch.Tensor:
    values = list(values)
    for low, high in (pair for layer in layers for pair in layer):
        values[low] = min(values[low], values[high])
        values[high] = max(values[low], values[high])
    return torch.tensor(values)


def _keeps_its_input(attempt: Attempt) -> str | None:
    values = Watched(SCORES)
    attempt.tensor(odd_even_layers(6), values, shape=(6,))
    return None if values == list(SCORES) else f"the list that was handed over is now {values}"


CASES = ONE_PAIR + OTHER_WAY + WHOLE + BITONIC + UNFINISHED

CHECKS = Checks(
    reference=run_network,
    cases=CASES,
    imports="",
    properties={
        "one comparator puts the smaller value on lane low": agrees(_reference, ONE_PAIR, _name),
        "a comparator (1, 0) puts the larger value on lane 0": agrees(_reference, OTHER_WAY, _name),
        "the odd-even network sorts the six scores, in any order": agrees(_reference, WHOLE, _name),
        "the bitonic network, with both directions, sorts too": agrees(_reference, BITONIC, _name),
        "an unfinished network leaves what it has not sorted": agrees(_reference, UNFINISHED, _name),
        "the list that was handed over is not changed": _keeps_its_input,
    },
    mistakes={
        "the larger value sent to low": _changed(lambda layers, values: (flipped(layers), values)),
        "the order of the pair ignored": _changed(lambda layers, values: (upwards(layers), values)),
        "a value overwritten too early": _copied_too_late,
        "sorted without the network": lambda layers, values: torch.tensor(sorted(values)),
        "only the first layer run": _changed(lambda layers, values: (layers[:1], values)),
        "the input changed in place": Sign(
            lambda attempt: imitates(_reference, CASES)(attempt) and _keeps_its_input(attempt) is not None
        ),
    },
)
