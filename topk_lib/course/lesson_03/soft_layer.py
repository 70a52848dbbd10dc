"""Exercise 3.2: one layer of soft comparators."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..example import scores
from ..grading import Exercise, Mistake, Property
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


def _cases() -> list[tuple]:
    return [(scores(), layer, beta) for layer in (EVEN, ODD, DOWN) for beta in (0.5, 2.0, 8.0)]


def _name(values: torch.Tensor, layer: list, beta: float) -> str:
    return f"the six scores through {layer} at steepness {beta:g}"


def _variant(alpha: Callable, direction: Callable = lambda pair: pair, sequential: bool = False) -> Callable:
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


def _cauchy(gap: torch.Tensor, beta: float) -> torch.Tensor:
    return torch.atan(beta * gap) / math.pi + 0.5


def _imitates(alpha: Callable = _cauchy, **more: object) -> Callable[[Attempt], bool]:
    return imitates(_variant(alpha, **more), _cases)


def _sum_stays(attempt: Attempt) -> str | None:
    for case in _cases():
        found = difference(attempt.tensor(*case, shape=(6,)).sum(), scores().sum())
        if found:
            return f"the sum after {_name(*case)}: {found}"
    return None


def _nearly_hard(attempt: Attempt) -> str | None:
    after = attempt.tensor(scores(), ODD, 1e6, shape=(6,))
    return difference(after, scores()[[0, 2, 1, 4, 3, 5]])


def _ties_stay(attempt: Attempt) -> str | None:
    return difference(attempt.tensor(torch.ones(6), EVEN, 2.0, shape=(6,)), torch.ones(6))


def _passing_by(attempt: Attempt) -> str | None:
    after = attempt.tensor(scores(), ODD, 2.0, shape=(6,))
    return difference(after[[0, 5]], scores()[[0, 5]])


SOFT_LAYER = Exercise(
    id="3.2",
    title="A soft layer",
    difficulty="medium",
    minutes=12,
    task=(
        "Write `soft_layer(values, layer, steepness)`: one layer of soft comparators. For a pair with $a$ on lane low "
        "and $b$ on lane high, $\\alpha = \\tfrac{1}{2} + \\arctan(\\beta(b - a))/\\pi$; low receives "
        "$\\alpha a + (1 - \\alpha) b$ and high receives $(1 - \\alpha) a + \\alpha b$."
    ),
    requirements=(
        "`values` is a tensor of shape `(n,)`; `layer` is a list of pairs `(low, high)`; `steepness` is $\\beta$.",
        "Lanes that are in no pair keep their value.",
        "Return a new tensor of shape `(n,)`.",
    ),
    why="A soft network is this function, once per layer: a dozen lines hold the whole method.",
    hints=(
        "Start from values.clone(). Read a and b from the values that came in, never from those you write.",
        "The degree alpha is near 1 when the pair is already in order, so that b is well above a.",
        "An arctangent divided by pi runs from -1/2 to 1/2; alpha has to run from 0 to 1.",
    ),
    takeaway="A soft comparator gives with one hand what it takes with the other: the sum of its pair never changes.",
    reference=soft_layer,
    imports="import math\n\nimport torch",
    properties=(
        Property("lanes without a comparator keep their value", _passing_by),
        Property("equal values stay as they are", _ties_stay),
        Property("the sum of all values stays", _sum_stays),
        Property("a very steep layer swaps like a hard one", _nearly_hard),
        Property("every value is the formula's, in both directions", agrees(soft_layer, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "the gap the wrong way round",
            "You swap pairs that are in order and keep those that are not: the gap is b - a.",
            _imitates(lambda gap, beta: _cauchy(-gap, beta)),
        ),
        Mistake(
            "the half forgotten",
            "Your alpha runs from -1/2 to 1/2. Add 1/2, so that it runs from 0 to 1.",
            _imitates(lambda gap, beta: _cauchy(gap, beta) - 0.5),
        ),
        Mistake(
            "hard swaps",
            "Your layer swaps all or nothing, at every steepness. Mix the two values by alpha.",
            _imitates(lambda gap, beta: (gap >= 0).float()),
        ),
        Mistake(
            "steepness taken for temperature",
            "You divide by the steepness. A large steepness should make the swap harder: multiply.",
            _imitates(lambda gap, beta: _cauchy(gap, 1 / beta)),
        ),
        Mistake(
            "a value overwritten too early",
            "Your maximum is made from the new minimum. Keep the old a and b until both lanes are written.",
            _imitates(sequential=True),
        ),
        Mistake(
            "the order of the pair ignored",
            "You send the larger value to the lane with the higher number. In (1, 0) it belongs on lane 0.",
            _imitates(direction=lambda pair: (min(pair), max(pair))),
        ),
    ),
)
