"""Exercise 1.1: from P_K to rank weights."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property


def weights_from(p_k: list[float]) -> list[float]:
    """The weight of rank 1, 2, …: the chance that K is at least that rank."""
    weights, total = [], 0.0
    for probability in reversed(p_k):
        total = total + probability
        weights.insert(0, total)
    return weights


def distributions() -> list[tuple[list[float]]]:
    """P_K of the paper, and random ones of several lengths."""
    paper = [[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 1.0], [0.5, 0, 0, 0, 0.5], [0.25, 0, 0, 0, 0.75], [0.2] * 5]
    generator = torch.Generator().manual_seed(1)
    made = [torch.rand(length, generator=generator, dtype=torch.double) for length in (2, 3, 4, 7)]
    return [(p_k,) for p_k in (*paper, *((raw / raw.sum()).tolist() for raw in made))]


def listed(values: list[float]) -> str:
    """A list with two decimals, for reports."""
    return f"[{', '.join(f'{value:.2f}' for value in values)}]"


def _weights(attempt: Attempt, p_k: list[float]) -> torch.Tensor:
    return attempt.tensor(p_k, shape=(len(p_k),))


def _half_and_half(attempt: Attempt) -> str | None:
    return difference(_weights(attempt, [0.5, 0, 0, 0, 0.5]), torch.tensor([1, 0.5, 0.5, 0.5, 0.5]))


def _first_weighs_one(attempt: Attempt) -> str | None:
    for (p_k,) in distributions():
        if found := difference(_weights(attempt, p_k)[0], 1.0):
            return f"{_case(p_k)}: {found.replace('the answer', 'the weight of rank 1')}"
    return None


def _never_rise(attempt: Attempt) -> str | None:
    for (p_k,) in distributions():
        weights = _weights(attempt, p_k)
        if not (weights.diff() <= 1e-6).all():
            return f"{_case(p_k)}: your weights {listed(weights.tolist())} rise somewhere"
    return None


def _sum_to_mean(attempt: Attempt) -> str | None:
    for (p_k,) in distributions():
        total, mean = _weights(attempt, p_k).sum(), sum(k * p for k, p in enumerate(p_k, start=1))
        if difference(total, mean):
            return f"{_case(p_k)}: your weights sum to {total:.3f}, expected {mean:.3f}"
    return None


def _right(p_k: list[float]) -> torch.Tensor:
    return torch.tensor(weights_from(p_k), dtype=torch.double)


def _case(p_k: list[float]) -> str:
    return f"P_K = {listed(p_k)}"


def _left_to_right(p_k: list[float]) -> torch.Tensor:
    return torch.tensor(p_k).cumsum(0)


WEIGHTS_FROM = Exercise(
    id="1.1",
    title="From P_K to rank weights",
    difficulty="easy",
    minutes=5,
    task=(
        "Write `weights_from(p_k)`. The weight of rank $r$ is the chance that $K$ is at least $r$: "
        "$w_r = \\sum_{j \\ge r} P_K(j)$."
    ),
    requirements=(
        "`p_k` is a list: `p_k[0]` is P_K(1), `p_k[1]` is P_K(2), and so on. It may have any length.",
        "Return a list of the same length, the weight of rank 1 first.",
        "Use a loop or torch, whichever you find clearer.",
    ),
    why="These weights are all that the loss ever knows of P_K.",
    hints=(
        "Rank 1 counts whatever K is drawn. What is its weight, then, for every P_K?",
        "Begin at the last rank, whose weight is the last entry of P_K, and walk towards rank 1.",
        "Keep a running total while you walk from the end, and put each new weight in front of those you have.",
    ),
    takeaway="Weights start at 1 and never rise: no P_K can ask for second place rather than first.",
    reference=weights_from,
    imports="",
    properties=(
        Property("for P_K = [.5, 0, 0, 0, .5] the weights are 1, .5, .5, .5, .5", _half_and_half),
        Property("rank 1 always weighs 1", _first_weighs_one),
        Property("from one rank to the next the weights never rise", _never_rise),
        Property("they sum to E[K]", _sum_to_mean),
        Property("every weight of nine different P_K is right", agrees(_right, distributions, _case)),
    ),
    mistakes=(
        Mistake(
            "cumulative the wrong way",
            "You add P_K(1) + … + P_K(r), from the left. Rank r counts whenever K is r or more: add from the right.",
            imitates(_left_to_right, distributions),
        ),
        Mistake(
            "best rank last",
            "Your weights are right but in the reverse order. The weight of rank 1, the largest, comes first.",
            imitates(lambda p_k: _right(p_k).flip(0), distributions),
        ),
        Mistake(
            "P_K itself",
            "You return P_K as it is. With K = 5 all five ranks count, so P_K(5) goes into five weights.",
            imitates(torch.tensor, distributions),
        ),
        Mistake(
            "one rank too late",
            "You leave out P_K(r) itself. With K = r, rank r still counts: start the sum at r.",
            imitates(lambda p_k: _right(p_k) - torch.tensor(p_k), distributions),
        ),
        Mistake(
            "made to sum to 1",
            "You divide by the sum. Weights are no distribution over ranks: they sum to E[K].",
            imitates(lambda p_k: torch.nn.functional.normalize(_right(p_k), p=1, dim=0), distributions),
        ),
    ),
)
