"""Exercise 3.2: one layer of soft comparators."""

from __future__ import annotations

import math

import torch

from ...experiments.example import scores
from ..checks import Checks, Instead, agrees, gives

EVEN, ODD, DOWN = [(0, 1), (2, 3), (4, 5)], [(1, 2), (3, 4)], [(1, 0), (2, 3), (5, 4)]
CASES = [(scores(), layer, beta) for layer in (EVEN, ODD, DOWN) for beta in (0.5, 2.0, 8.0)]


def soft_layer(values, layer, steepness):
    """The values, shape (n,), after one layer of soft comparators (Cauchy)."""
    after = values.clone()
    for low, high in layer:
        a, b = values[low], values[high]
        alpha = torch.atan(steepness * (b - a)) / math.pi + 0.5
        after[low] = alpha * a + (1 - alpha) * b
        after[high] = (1 - alpha) * a + alpha * b
    return after


CHECKS = Checks(
    reference=soft_layer,
    cases=CASES,
    case="{values} through {layer} at steepness {steepness:g}",
    imports="import math\n\nimport torch",
    properties={
        "lanes without a comparator keep their value": agrees(
            [(scores(), ODD, 2.0)],
            lambda values, *_: values[[0, 5]],
            of=lambda after: after[[0, 5]],
            what="lanes 0 and 5",
        ),
        "equal values stay as they are": gives(torch.ones(6), torch.ones(6), EVEN, 2.0),
        "the sum of all values stays": agrees(CASES, lambda values, *_: values.sum(), of=torch.sum, what="the sum"),
        "a very steep layer swaps like a hard one": gives(scores()[[0, 2, 1, 4, 3, 5]], scores(), ODD, 1e6),
        "every value is the formula's, in both directions": agrees(CASES),
    },
    mistakes={
        "the gap the wrong way round": Instead("(b - a)", "(a - b)"),
        "the half forgotten": Instead(" + 0.5", ""),
        "hard swaps": Instead("torch.atan(steepness * (b - a)) / math.pi + 0.5", "(b >= a).float()"),
        "steepness taken for temperature": Instead("steepness * (b - a)", "(b - a) / steepness"),
        "a value overwritten too early": Instead("(1 - alpha) * a", "(1 - alpha) * after[low]"),
        "the order of the pair ignored": Instead("in layer:", "in map(sorted, layer):"),
    },
)
