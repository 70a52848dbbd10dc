"""Exercise 3.1: a vector through a hard network."""

from __future__ import annotations

from ...experiments.example import SCORES
from ..attempt import Attempt, Watched
from ..checks import Checks, Instead, Sign, agrees, imitates
from .wires import bitonic_layers, odd_even_layers


def run_network(layers, values):
    """The values on the lanes after all layers: low receives the smaller of each pair, high the larger."""
    values = list(values)
    for layer in layers:
        for low, high in layer:
            if values[low] > values[high]:
                values[low], values[high] = values[high], values[low]
    return values


ONE_PAIR = [([[(0, 1)]], list(pair)) for pair in ((2.0, 1.0), (1.0, 2.0), (-1.0, -3.0))]
OTHER_WAY = [([[(1, 0)]], [1.0, 2.0]), ([[(2, 0)]], [1.0, 5.0, 2.0])]
WHOLE = [(odd_even_layers(6), list(SCORES)), (odd_even_layers(6), sorted(SCORES, reverse=True))]
BITONIC = [(bitonic_layers(8), [0.5, 2.0, -1.0, 3.0, -2.5, 1.0, 0.0, -0.5]), (bitonic_layers(6), list(SCORES))]
UNFINISHED = [(odd_even_layers(6)[:t], list(SCORES)) for t in (0, 1, 2, 3)]
CASES = ONE_PAIR + OTHER_WAY + WHOLE + BITONIC + UNFINISHED


def _keeps_its_input(attempt: Attempt) -> str | None:
    values = Watched(SCORES)
    attempt.tensor(odd_even_layers(6), values, shape=(6,))
    return None if values == list(SCORES) else f"the list that was handed over is now {values}"


CHECKS = Checks(
    reference=run_network,
    cases=CASES,
    case="layers {layers}, values {values}",
    imports="",
    properties={
        "one comparator puts the smaller value on lane low": agrees(ONE_PAIR),
        "a comparator (1, 0) puts the larger value on lane 0": agrees(OTHER_WAY),
        "the odd-even network sorts the six scores, in any order": agrees(WHOLE, case="values {values}"),
        "the bitonic network, with both directions, sorts too": agrees(BITONIC, case="values {values}"),
        "an unfinished network leaves what it has not sorted": agrees(UNFINISHED),
        "the list that was handed over is not changed": _keeps_its_input,
    },
    mistakes={
        "the larger value sent to low": Instead("values[low] > values[high]", "values[low] < values[high]"),
        "the order of the pair ignored": Instead("in layer:", "in map(sorted, layer):"),
        "a value overwritten too early": Instead(
            "values[low], values[high] = values[high], values[low]", "values[low] = values[high]"
        ),
        "sorted without the network": lambda layers, values: sorted(values),
        "only the first layer run": Instead("in layers:", "in layers[:1]:"),
        "the input changed in place": Sign(
            lambda attempt: imitates(run_network, CASES)(attempt) and _keeps_its_input(attempt) is not None
        ),
    },
)
