"""Exercise 1.2: the P_K for wished-for rank weights."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property
from .weights_from import distributions, listed, weights_from


def p_k_from(weights: list[float]) -> list[float]:
    """P_K(1), P_K(2), … for the weights of rank 1, 2, …, which start at 1 and never rise."""
    following = [*weights[1:], 0.0]
    return [weight - below for weight, below in zip(weights, following, strict=True)]


def _wishes() -> list[tuple[list[float]]]:
    return [(weights_from(p_k),) for (p_k,) in distributions()]


def _answer(attempt: Attempt, weights: list[float]) -> torch.Tensor:
    return attempt.tensor(weights, shape=(len(weights),))


def _case(weights: list[float]) -> str:
    return f"weights {listed(weights)}"


def _even_steps(attempt: Attempt) -> str | None:
    return difference(_answer(attempt, [1.0, 0.8, 0.6, 0.4, 0.2]), torch.full((5,), 0.2))


def _three_equal(attempt: Attempt) -> str | None:
    return difference(_answer(attempt, [1.0, 1.0, 1.0]), torch.tensor([0.0, 0.0, 1.0]))


def _distribution(attempt: Attempt) -> str | None:
    for (weights,) in _wishes():
        p_k = _answer(attempt, weights)
        if p_k.min() < -1e-6 or difference(p_k.sum(), 1.0):
            return f"{_case(weights)}: your P_K {listed(p_k.tolist())} sums to {p_k.sum():.3f}"
    return None


def _there_and_back(attempt: Attempt) -> str | None:
    for (weights,) in _wishes():
        back = torch.tensor(weights_from(_answer(attempt, weights).tolist()), dtype=torch.double)
        if difference(back, torch.tensor(weights, dtype=torch.double)):
            return f"{_case(weights)}: your P_K has the weights {listed(back.tolist())}"
    return None


def _right(weights: list[float]) -> torch.Tensor:
    return torch.tensor(p_k_from(weights), dtype=torch.double)


def _drops(weights: list[float]) -> torch.Tensor:
    return -torch.tensor(weights, dtype=torch.double).diff()


def _last_forgotten(attempt: Attempt) -> bool:
    zero = torch.zeros(1, dtype=torch.double)
    padded = imitates(lambda weights: torch.cat([_drops(weights), zero]), _wishes)
    return imitates(_drops, _wishes)(attempt) or padded(attempt)


def _shifted(weights: list[float]) -> torch.Tensor:
    return torch.cat([1 - torch.tensor(weights[:1], dtype=torch.double), _drops(weights)])


P_K_FROM = Exercise(
    id="1.2",
    title="The P_K for a wish",
    difficulty="easy",
    minutes=7,
    task=(
        "The other way round: you know how much each rank should count, and look for the P_K that does it. Write "
        "`p_k_from(weights)`, the inverse of exercise 1.1."
    ),
    requirements=(
        "`weights` is a list, the weight of rank 1 first. It starts with 1 and never rises.",
        "Return a list of the same length: P_K(1), P_K(2), and so on.",
        "Ranks beyond the end of the list have weight 0.",
    ),
    why="People wish in rank weights ('fifth place is worth half of first'); the loss takes P_K.",
    hints=(
        "By how much does the weight fall from rank 1 to rank 2? Which value of K makes that difference?",
        "Between rank r and rank r + 1 the weight loses exactly the cases in which K is r.",
        "Every entry is a weight minus the next one. The last weight has no next one: which number follows it?",
    ),
    takeaway="P_K(k) is the step down after rank k; weights that never rise are exactly those that some P_K gives.",
    reference=p_k_from,
    imports="",
    properties=(
        Property("weights 1, .8, .6, .4, .2 come from the even P_K", _even_steps),
        Property("weights 1, 1, 1 come from K = 3 for certain", _three_equal),
        Property("the answer is a distribution: nothing negative, sum 1", _distribution),
        Property("its rank weights are the ones that were wished for", _there_and_back),
        Property("nine different wishes are met", agrees(_right, _wishes, _case)),
    ),
    mistakes=(
        Mistake(
            "the last rank forgotten",
            "Your last entry is missing or 0. After the last rank the weight falls to 0, and that step counts too.",
            _last_forgotten,
        ),
        Mistake(
            "differences the other way round",
            "Your probabilities are negative. Weights fall, so subtract the following one from the one before.",
            imitates(lambda weights: -_right(weights), _wishes),
        ),
        Mistake(
            "one rank too late",
            "You give the step between rank r and rank r + 1 to K = r + 1. It is K = r that reaches rank r and no "
            "further.",
            imitates(_shifted, _wishes),
        ),
        Mistake(
            "weights divided by their sum",
            "You make the weights sum to 1. That is a distribution, but not the one whose weights these are.",
            imitates(lambda weights: torch.tensor(weights) / sum(weights), _wishes),
        ),
        Mistake(
            "added up instead",
            "You add the weights up from the right, which is exercise 1.1 again. To undo a sum, take differences.",
            imitates(lambda weights: torch.tensor(weights_from(weights)), _wishes),
        ),
    ),
)
