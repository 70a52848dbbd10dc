"""Exercise 3.2: one layer of soft comparators."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each, gives
from ..example import scores
from .wires import Layers

EVEN, ODD = [(0, 1), (2, 3), (4, 5)], [(1, 2), (3, 4)]
DOWN = [(1, 0), (2, 3), (5, 4)]


def soft_layer(values, layer, steepness):
    """The values, shape (n,), after one layer of soft comparators (Cauchy)."""
    after = values.clone()
    for low, high in layer:
        a, b = values[low], values[high]
        alpha = torch.atan(steepness * (b - a)) / math.pi + 0.5
        after[low] = alpha * a + (1 - alpha) * b
        after[high] = (1 - alpha) * a + alpha * b
    return after


def _name(values: torch.Tensor, layer: list, beta: float) -> str:
    return f"the six scores through {layer} at steepness {beta:g}"


def _cauchy(gap: torch.Tensor, beta: float) -> torch.Tensor:
    return torch.atan(beta * gap) / math.pi + 0.5


def _variant(alpha: Callable = _cauchy, direction: Callable = lambda pair: pair, sequential: bool = False) -> Callable:
    """The layer with another α(gap, β), other directions, or the new minimum used for the maximum."""

    def layer_by_layer(values: torch.Tensor, layer: Layers, beta: float) -> torch.Tensor:
        after = values.clone()
        for low, high in map(direction, layer):
            a, b = values[low], values[high]
            keep = alpha(b - a, beta)
            after[low] = keep * a + (1 - keep) * b
            after[high] = (1 - keep) * (after[low] if sequential else a) + keep * b
        return after

    return layer_by_layer


def _sum_stays(attempt: Attempt, *case: object) -> str | None:
    return difference(attempt.tensor(*case, shape=(6,)).sum(), scores().sum())


def _passing_by(attempt: Attempt) -> str | None:
    after = attempt.tensor(scores(), ODD, 2.0, shape=(6,))
    return difference(after[[0, 5]], scores()[[0, 5]])


CASES = [(scores(), layer, beta) for layer in (EVEN, ODD, DOWN) for beta in (0.5, 2.0, 8.0)]

CHECKS = Checks(
    reference=soft_layer,
    cases=CASES,
    imports="import math\n\nimport torch",
    properties={
        "lanes without a comparator keep their value": _passing_by,
        "equal values stay as they are": gives(torch.ones(6), torch.ones(6), EVEN, 2.0),
        "the sum of all values stays": each(CASES, lambda *case: f"the sum after {_name(*case)}", _sum_stays),
        "a very steep layer swaps like a hard one": gives(scores()[[0, 2, 1, 4, 3, 5]], scores(), ODD, 1e6),
        "every value is the formula's, in both directions": agrees(soft_layer, CASES, _name),
    },
    mistakes={
        "the gap the wrong way round": _variant(lambda gap, beta: _cauchy(-gap, beta)),
        "the half forgotten": _variant(lambda gap, beta: _cauchy(gap, beta) - 0.5),
        "hard swaps": _variant(lambda gap, beta: (gap >= 0).float()),
        "steepness taken for temperature": _variant(lambda gap, beta: _cauchy(gap, 1 / beta)),
        "a value overwritten too early": _variant(sequential=True),
        "the order of the pair ignored": _variant(direction=lambda pair: (min(pair), max(pair))),
    },
)
