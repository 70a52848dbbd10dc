"""Exercise 5.3: rank weights pulled back from the outputs to the classes."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...networks import splitter_selection
from ...sigmoids import Comparator
from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each, gives
from ..example import NAMES, scores
from ..lesson_03.wires import as_lists, bitonic_layers, odd_even_layers

WEIGHTS = ((1.0,), (1.0, 0.5), (1.0, 0.8, 0.6, 0.4, 0.2))
Alpha = Callable[[torch.Tensor], torch.Tensor]


def pull_weights(scores: torch.Tensor, weights: torch.Tensor, layers: list, alpha) -> torch.Tensor:
    """The row vector w·P, shape (n,): rank weights (k,), best rank first, sent from the outputs to the inputs."""
    values, swaps = scores.clone(), []
    for low, high in (pair for layer in layers for pair in layer):
        keep = alpha(values[high] - values[low])
        swaps.append((low, high, keep))
        a, b = values[low].clone(), values[high].clone()
        values[low], values[high] = keep * a + (1 - keep) * b, (1 - keep) * a + keep * b
    lanes = torch.zeros_like(scores)
    lanes[len(scores) - len(weights) :] = weights.flip(0)
    for low, high, keep in reversed(swaps):
        a, b = lanes[low].clone(), lanes[high].clone()
        lanes[low], lanes[high] = keep * a + (1 - keep) * b, (1 - keep) * a + keep * b
    return lanes


def _soft(steepness: float = 2.0) -> Alpha:
    return Comparator("cauchy", steepness).alpha


def _hard(gap: torch.Tensor) -> torch.Tensor:
    return (gap >= 0).to(gap.dtype)


def _example(*weights: float, alpha: Alpha | None = None) -> tuple:
    s, w = scores(torch.double), torch.tensor(weights, dtype=torch.double)
    return s, w, as_lists(splitter_selection(6, len(weights))), alpha or _soft()


def _eight() -> tuple:
    s = torch.randn(8, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    return s, torch.tensor([1.0, 0.7, 0.4, 0.1], dtype=torch.double), bitonic_layers(8), _soft(1.0)


def _sums(attempt: Attempt, *weights: float) -> str | None:
    return difference(attempt.tensor(*_example(*weights), shape=(6,)).sum(), sum(weights))


def _finds_ranks(attempt: Attempt) -> str | None:
    for r, name in enumerate(("fox", "wolf", "dog")):
        weights = [float(i == r) for i in range(3)]
        got = attempt.tensor(*_example(*weights, alpha=_hard), shape=(6,))
        wanted = torch.nn.functional.one_hot(torch.tensor(NAMES.index(name)), 6)
        if difference(got, wanted):
            return f"rank {r + 1} is {name}, your function gives its weight to {NAMES[int(got.argmax())]}"
    return None


def _name(s: torch.Tensor, weights: torch.Tensor, *_: object) -> str:
    return f"{len(s)} classes, {len(weights)} ranks"


def _mistaken(
    turned: bool = False,
    frozen: bool = False,
    last: bool = False,
    forwards: bool = False,
    worst_first: bool = False,
    first_lanes: bool = False,
    overwritten: bool = False,
) -> Callable:
    """The pull with one thing done otherwise."""

    def pull(s: torch.Tensor, weights: torch.Tensor, layers: list, alpha: Alpha) -> torch.Tensor:
        values, swaps = s.clone(), []
        for low, high in (pair for layer in layers for pair in layer):
            gap = (s if frozen else values)[[low, high]].diff()[0]
            swaps.append((low, high, alpha(-gap if turned else gap)))
            _mix(values, *swaps[-1])
        if last:
            swaps = [(low, high, alpha(values[high] - values[low])) for low, high, _ in swaps]
        zeros = torch.zeros(len(s) - len(weights), dtype=s.dtype)
        lanes = torch.cat([weights, zeros] if first_lanes else [zeros, weights if worst_first else weights.flip(0)])
        for swap in swaps if forwards else reversed(swaps):
            _mix(lanes, *swap, overwritten)
        return lanes

    return pull


def _mix(x: torch.Tensor, low: int, high: int, keep: torch.Tensor, overwritten: bool = False) -> None:
    a, b = x[low].clone(), x[high].clone()
    x[low] = keep * a + (1 - keep) * b
    x[high] = (1 - keep) * (x[low] if overwritten else a) + keep * b


CASES = [_example(1.0, 0.6, 0.3), _example(1.0), _eight()]

CHECKS = Checks(
    reference=pull_weights,
    cases=CASES,
    properties={
        "hard swaps give the weight of rank 1 to fox, of rank 2 to wolf, of rank 3 to dog": _finds_ranks,
        "over the classes the result sums to the sum of the weights": each(
            WEIGHTS, lambda *weights: f"weights {list(weights)}, sum over the classes", _sums
        ),
        "with all weights 1 every class gets 1, as columns sum to 1": gives(
            torch.ones(6), scores(torch.double), torch.ones(6).double(), odd_even_layers(6), _soft()
        ),
        "every entry is that of w @ P": agrees(pull_weights, CASES, _name),
    },
    mistakes={
        "layers walked forwards": _mistaken(forwards=True),
        "weights worst-first": _mistaken(worst_first=True),
        "weights on the first lanes": _mistaken(first_lanes=True),
        "the gap turned round": _mistaken(turned=True),
        "scores never updated": _mistaken(frozen=True),
        "scores as they left": _mistaken(last=True),
        "a lane overwritten": _mistaken(overwritten=True),
    },
)
