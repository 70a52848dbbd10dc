"""Exercise 5.3: rank weights pulled back from the outputs to the classes."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ...networks import Network, bitonic, odd_even, splitter_selection
from ...sigmoids import Comparator
from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..example import NAMES, scores
from ..grading import Exercise, Mistake, Property

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


def _layers(network: Network) -> list[list[list[int]]]:
    return [layer.tolist() for layer in network.layers]


def _soft(steepness: float = 2.0) -> Alpha:
    return Comparator("cauchy", steepness).alpha


def _hard(gap: torch.Tensor) -> torch.Tensor:
    return (gap >= 0).to(gap.dtype)


def _example(*weights: float, alpha: Alpha | None = None) -> tuple:
    s, w = scores(torch.double), torch.tensor(weights, dtype=torch.double)
    return s, w, _layers(splitter_selection(6, len(weights))), alpha or _soft()


def _eight() -> tuple:
    s = torch.randn(8, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    return s, torch.tensor([1.0, 0.7, 0.4, 0.1], dtype=torch.double), _layers(bitonic(8)), _soft(1.0)


def _sums(attempt: Attempt) -> str | None:
    for weights in ((1.0,), (1.0, 0.5), (1.0, 0.8, 0.6, 0.4, 0.2)):
        found = difference(attempt.tensor(*_example(*weights), shape=(6,)).sum(), sum(weights))
        if found:
            return f"weights {list(weights)}, sum over the classes: {found}"
    return None


def _columns(attempt: Attempt) -> str | None:
    s = scores(torch.double)
    return difference(attempt.tensor(s, torch.ones_like(s), _layers(odd_even(6)), _soft(), shape=(6,)), torch.ones(6))


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


def _cases() -> list[tuple]:
    return [_example(1.0, 0.6, 0.3), _example(1.0), _eight()]


def _mistaken(
    turned: bool = False,
    frozen: bool = False,
    last: bool = False,
    forwards: bool = False,
    place: Callable = lambda lanes, w: lanes.narrow(0, len(lanes) - len(w), len(w)).copy_(w.flip(0)),
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
        lanes = torch.zeros_like(s)
        place(lanes, weights)
        for swap in swaps if forwards else reversed(swaps):
            _mix(lanes, *swap, overwritten)
        return lanes

    return pull


def _mix(x: torch.Tensor, low: int, high: int, keep: torch.Tensor, overwritten: bool = False) -> None:
    a, b = x[low].clone(), x[high].clone()
    x[low] = keep * a + (1 - keep) * b
    x[high] = (1 - keep) * (x[low] if overwritten else a) + keep * b


PULL = Exercise(
    id="5.3",
    title="Pull the rank weights back",
    difficulty="hard",
    minutes=15,
    task=(
        "Write `pull_weights(scores, weights, layers, alpha)`: the row vector $w\\,P$, one number per class, without "
        "building P. It is the push of this lesson, run the other way round."
    ),
    requirements=(
        "`scores` has shape `(n,)`, `weights` has shape `(k,)`, best rank first; all other ranks have weight 0.",
        "`layers` is a list of layers, each a list of pairs `(low, high)`; `alpha(gap)` is the degree to which a pair "
        "with gap `scores[high] - scores[low]` is kept.",
        "Rank 1 leaves on lane n-1, rank 2 on lane n-2, and so on.",
        "The swaps are decided by the scores as they are when they get there.",
    ),
    why="One trip gives every class's chance; label smoothing needs them all, and each backward pass is such a trip.",
    hints=(
        "You need two trips: the scores forwards, to learn what every swap does; then the weights, from the outputs.",
        "On the first trip keep a list of (low, high, keep). On the second go through that list from its end.",
        "Put weights.flip(0) on the last k lanes of a vector of zeros. A soft swap is symmetric: mix as in the push.",
    ),
    takeaway="The transpose of a network is the network run backwards, since every soft swap is its own transpose.",
    reference=pull_weights,
    imports="import torch",
    properties=(
        Property("hard swaps give the weight of rank 1 to fox, of rank 2 to wolf, of rank 3 to dog", _finds_ranks),
        Property("over the classes the result sums to the sum of the weights", _sums),
        Property("with all weights 1 every class gets 1, as columns sum to 1", _columns),
        Property("every entry is that of w @ P", agrees(pull_weights, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "layers walked forwards",
            "You send the weights through the layers in their usual order. They enter at the outputs, so the last "
            "layer comes first.",
            imitates(_mistaken(forwards=True), _cases),
        ),
        Mistake(
            "weights worst-first",
            "You put the weight of rank 1 on the lowest of the k lanes. Rank 1 leaves on lane n-1: flip the weights.",
            imitates(_mistaken(place=lambda lanes, w: lanes.narrow(0, len(lanes) - len(w), len(w)).copy_(w)), _cases),
        ),
        Mistake(
            "weights on the first lanes",
            "You put the weights on lanes 0, 1, …. The outputs ascend, so rank 1 belongs to the last lane.",
            imitates(_mistaken(place=lambda lanes, w: lanes.narrow(0, 0, len(w)).copy_(w)), _cases),
        ),
        Mistake(
            "the gap turned round",
            "Your gap is that of the low lane minus the high one, so pairs in order are swapped. Take high minus low.",
            imitates(_mistaken(turned=True), _cases),
        ),
        Mistake(
            "scores never updated",
            "You decide every swap by the scores as they entered. Each layer changes them: swap them, too.",
            imitates(_mistaken(frozen=True), _cases),
        ),
        Mistake(
            "scores as they left",
            "You decide the swaps by the sorted scores. Remember each swap on the way out, and use it on the way back.",
            imitates(_mistaken(last=True), _cases),
        ),
        Mistake(
            "a lane overwritten",
            "Your second line mixes with a lane that the first line has changed already. Keep both old values first.",
            imitates(_mistaken(overwritten=True), _cases),
        ),
    ),
)
