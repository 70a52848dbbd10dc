"""Exercise 5.3: rank weights pulled back from the outputs to the classes."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...experiments.example import NAMES, scores
from ...networks import splitter_selection
from ...sigmoids import Comparator
from ..attempt import Attempt
from ..checks import Checks, Instead, agrees, difference, gives
from ..lesson_03.wires import as_lists, bitonic_layers, odd_even_layers


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


SOFT = Comparator("cauchy", 2.0).alpha
EIGHT = torch.randn(8, dtype=torch.double, generator=torch.Generator().manual_seed(0))


def _example(*weights: float, alpha: Callable = SOFT) -> tuple:
    w = torch.tensor(weights, dtype=torch.double)
    return scores(torch.double), w, as_lists(splitter_selection(6, len(weights))), alpha


def _finds_ranks(attempt: Attempt) -> str | None:
    for r, name in enumerate(("fox", "wolf", "dog")):
        weights = [float(i == r) for i in range(3)]
        got = attempt.tensor(*_example(*weights, alpha=lambda gap: (gap >= 0).to(gap.dtype)))
        wanted = torch.nn.functional.one_hot(torch.tensor(NAMES.index(name)), 6)
        if difference(got, wanted):
            return f"rank {r + 1} is {name}, your function gives its weight to {NAMES[int(got.argmax())]}"
    return None


CASES = [
    _example(1.0, 0.6, 0.3),
    _example(1.0),
    (EIGHT, torch.tensor([1.0, 0.7, 0.4, 0.1], dtype=torch.double), bitonic_layers(8), Comparator("cauchy").alpha),
]

CHECKS = Checks(
    reference=pull_weights,
    cases=CASES,
    case="weights [{weights:g}] for {scores.shape[0]} classes",
    properties={
        "hard swaps give the weight of rank 1 to fox, of rank 2 to wolf, of rank 3 to dog": _finds_ranks,
        "over the classes the result sums to the sum of the weights": agrees(
            [_example(1.0), _example(1.0, 0.5), _example(1.0, 0.8, 0.6, 0.4, 0.2)],
            lambda _, weights, *how: weights.sum(),
            of=torch.sum,
            what="the sum",
        ),
        "with all weights 1 every class gets 1, as columns sum to 1": gives(
            torch.ones(6), scores(torch.double), torch.ones(6).double(), odd_even_layers(6), SOFT
        ),
        "every entry is that of w @ P": agrees(CASES),
    },
    mistakes={
        "layers walked forwards": Instead("reversed(swaps)", "swaps"),
        "weights worst-first": Instead("weights.flip(0)", "weights"),
        "weights on the first lanes": Instead(
            "[len(scores) - len(weights) :] = weights.flip(0)", "[: len(weights)] = weights"
        ),
        "the gap turned round": Instead("values[high] - values[low]", "values[low] - values[high]"),
        "scores never updated": Instead("values[high] - values[low]", "scores[high] - scores[low]"),
        "scores as they left": Instead(
            "reversed(swaps)", "((low, high, alpha(values[high] - values[low])) for low, high, _ in reversed(swaps))"
        ),
        "a lane overwritten": Instead(
            "lanes[low], lanes[high] = keep * a + (1 - keep) * b, (1 - keep) * a + keep * b",
            "lanes[low] = keep * a + (1 - keep) * b; lanes[high] = (1 - keep) * lanes[low] + keep * b",
        ),
    },
)
