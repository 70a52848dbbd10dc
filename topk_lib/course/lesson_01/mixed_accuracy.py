"""Exercise 1.3: one number from the ranks of the labels and a P_K."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property
from .weights_from import distributions, listed, weights_from

RANKS = [1, 1, 3, 2, 6, 1, 5, 4, 9, 2]


def mixed_accuracy(ranks: list[int], p_k: list[float]) -> float:
    """The mean of top-1, top-2, … accuracy, each weighted by its P_K; ranks are those of the labels, from 1 on."""
    total = 0.0
    for k, probability in enumerate(p_k, start=1):
        hits = sum(rank <= k for rank in ranks)
        total = total + probability * hits / len(ranks)
    return total


def _cases() -> list[tuple[list[int], list[float]]]:
    generator = torch.Generator().manual_seed(2)
    drawn = [torch.randint(1, 10, (count,), generator=generator).tolist() for count in (4, 25)]
    return [(ranks, p_k) for ranks in (RANKS, *drawn) for (p_k,) in distributions()]


def _case(ranks: list[int], p_k: list[float]) -> str:
    return f"{len(ranks)} images, P_K = {listed(p_k)}"


def _is(wanted: float, p_k: list[float], ranks: list[int] = RANKS):
    return lambda attempt: difference(attempt.number(ranks, p_k), wanted)


def _beyond(attempt: Attempt) -> str | None:
    return difference(attempt.number([4, 8, 90], [0.2, 0.3, 0.5]), 0.0)


def _twice(attempt: Attempt) -> str | None:
    p_k = [0.2] * 5
    once, twice = attempt.number(RANKS, p_k), attempt.number(RANKS + RANKS, p_k)
    if difference(twice, once):
        return f"the ten images give {once:.3f}, and the same ten listed twice {twice:.3f}"
    return None


def _by_weight(ranks: list[int], weights: list[float], beyond: float = 0.0) -> float:
    return sum(weights[rank - 1] if rank <= len(weights) else beyond for rank in ranks) / len(ranks)


MIXED_ACCURACY = Exercise(
    id="1.3",
    title="Accuracy under P_K",
    difficulty="medium",
    minutes=8,
    task=(
        "`ranks` holds, for each test image, the rank of its label. For each image K guesses are allowed, K drawn "
        "from P_K. Write `mixed_accuracy(ranks, p_k)`, the fraction of hits to be expected."
    ),
    requirements=(
        "`ranks` is a list of whole numbers, 1 for the best rank; some may lie beyond the end of `p_k`.",
        "`p_k[0]` is P_K(1), and so on. K = k is a hit for every image whose rank is at most k.",
        "Return one number between 0 and 1.",
    ),
    why="It is the number that the top-k loss with this P_K makes smooth and pushes up.",
    hints=(
        "Which number do you get if P_K has a single 1 in place k?",
        "One way: compute top-k accuracy for every k, and take the mean of them with P_K as weights.",
        "Another way: give every image the rank weight of its label's rank, 0 beyond the end, and take their mean.",
    ),
    takeaway="A P_K is a choice of weights for top-1, top-2, … accuracy; top-5 alone is P_K = [0, 0, 0, 0, 1].",
    reference=mixed_accuracy,
    imports="",
    properties=(
        Property("P_K = [1] gives top-1 accuracy, 3 of 10", _is(0.3, [1.0])),
        Property("P_K = [0, 0, 0, 0, 1] gives top-5 accuracy, 8 of 10", _is(0.8, [0, 0, 0, 0, 1.0])),
        Property("P_K = [.5, 0, 0, 0, .5] gives their mean", _is(0.55, [0.5, 0, 0, 0, 0.5])),
        Property("labels beyond the last rank of P_K never count", _beyond),
        Property("the same images listed twice change nothing", _twice),
        Property("27 cases agree with counting", agrees(mixed_accuracy, _cases, _case)),
    ),
    mistakes=(
        Mistake(
            "rank k alone",
            "You count only images whose rank is exactly K. With K guesses, every rank up to K is a hit.",
            imitates(_by_weight, _cases),
        ),
        Mistake(
            "cumulative the wrong way",
            "You weight rank r by P_K(1) + … + P_K(r), so the worst rank counts most. Add from r to the end.",
            imitates(lambda ranks, p_k: _by_weight(ranks, torch.tensor(p_k).cumsum(0).tolist()), _cases),
        ),
        Mistake(
            "one rank too few",
            "With K guesses, an image whose rank is exactly K is still a hit: at most K, not less than K.",
            imitates(lambda ranks, p_k: mixed_accuracy([rank + 1 for rank in ranks], p_k), _cases),
        ),
        Mistake(
            "the sum for the mean",
            "You return the number of expected hits. Divide by the number of images.",
            imitates(lambda ranks, p_k: len(ranks) * mixed_accuracy(ranks, p_k), _cases),
        ),
        Mistake(
            "ranks beyond the end counted",
            "You give ranks beyond the end of P_K the weight of the last one. No K reaches them: they count 0.",
            imitates(lambda ranks, p_k: _by_weight(ranks, weights_from(p_k), weights_from(p_k)[-1]), _cases),
        ),
    ),
)
