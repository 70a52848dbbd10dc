"""Exercise 0.2: the one number inside the loss."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..example import LABEL, scores
from ..grading import Exercise, Mistake, Property

FIRST, FIFTH, MIXED = [1.0], [0.0, 0.0, 0.0, 0.0, 1.0], [0.5, 0.0, 0.0, 0.0, 0.5]
P_KS = (FIRST, FIFTH, MIXED, [0.1, 0.2, 0.3, 0.4], [0.2] * 5)


def _soft() -> torch.Tensor:
    return naive.soft_sort_matrix(scores(), 1.0)


def _hard_cases() -> list[tuple]:
    hard = torch.eye(6)[scores().argsort(descending=True)]
    return [(hard, LABEL, [0.0] * (k - 1) + [1.0]) for k in range(1, 7)]


def _cases() -> list[tuple]:
    matrices = (_soft(), naive.neural_sort_matrix(scores(), 0.5))
    return [(P, label, p_k) for P in matrices for label in range(6) for p_k in P_KS]


def _first_rank(attempt: Attempt) -> str | None:
    return difference(attempt.number(_soft(), LABEL, FIRST), _soft()[0, LABEL])


def _half_way(attempt: Attempt) -> str | None:
    ends = attempt.number(_soft(), LABEL, FIRST) + attempt.number(_soft(), LABEL, FIFTH)
    return difference(attempt.number(_soft(), LABEL, MIXED), ends / 2)


def _sums_to_mean_k(attempt: Attempt) -> str | None:
    for p_k in P_KS:
        total = sum(attempt.number(_soft(), label, p_k) for label in range(6))
        mean = sum(k * probability for k, probability in enumerate(p_k, start=1))
        if difference(total, mean, 1e-3):
            return f"with P_K = {p_k} the chances of the six classes sum to {total:.3f}, expected {mean:.3f}"
    return None


def _weighted(P: torch.Tensor, label: int, weights: torch.Tensor) -> torch.Tensor:
    return (weights * P[: len(weights), label]).sum()


CHANCE = Exercise(
    id="0.2",
    title="The chance to be in the top K",
    difficulty="easy",
    minutes=10,
    task=(
        "`P[r, j]` is the chance that class `j` has rank `r + 1`: row 0 is the best rank. How many guesses, `K`, are "
        "allowed is drawn from P_K. Write `chance_in_top_K(P, label, p_k)`."
    ),
    requirements=(
        "`P` has shape `(n, n)`; `p_k` is a list with `p_k[0]` = P_K(1), `p_k[1]` = P_K(2), …, at most `n` long.",
        "The chance to be in the top `k` is the sum of the label's chances to have rank 1, 2, … or `k`.",
        "Return the mean of these chances over `K`, each weighted by its P_K, as one number.",
    ),
    why="Minus the logarithm of this number is the top-k loss of an image; there is nothing more to it.",
    hints=(
        "Do it first for one fixed k: which entries of the label's column have to be added?",
        "You need one sum over k, weighted by P_K, and inside it one sum over the first k entries of a column.",
        "Seen from the ranks: rank r gets the weight P_K(r) + P_K(r + 1) + … up to the end of the list.",
    ),
    takeaway="One column of P and the list P_K are all that the loss of an image needs.",
    reference=naive.chance_in_top_K,
    imports="import torch",
    properties=(
        Property(
            "with a hard P the chance of dog is 0 for K = 1 and 2, and 1 from K = 3 on",
            agrees(naive.chance_in_top_K, _hard_cases, lambda P, label, p_k: f"K = {len(p_k)} for certain"),
        ),
        Property("for P_K = [1] it is P[0, label]", _first_rank),
        Property("for P_K = [.5, 0, 0, 0, .5] it lies half-way between K = 1 and K = 5", _half_way),
        Property("over all classes it sums to the mean of K", _sums_to_mean_k),
        Property(
            "every class of two soft matrices gets its chance under five P_K",
            agrees(naive.chance_in_top_K, _cases, lambda P, label, p_k: f"class {label}, P_K = {p_k}"),
        ),
    ),
    mistakes=(
        Mistake(
            "P transposed",
            "You read row `label`. Rows of P are ranks, columns are classes: the label's chances are a column.",
            imitates(lambda P, label, p_k: naive.chance_in_top_K(P.T, label, p_k), _cases),
        ),
        Mistake(
            "ranks run worst-first",
            "You add the last rows of P. Row 0 is the best rank, so the top k are the first k rows.",
            imitates(lambda P, label, p_k: naive.chance_in_top_K(P.flip(0), label, p_k), _cases),
        ),
        Mistake(
            "rank k alone",
            "You multiply P_K(k) by the chance of rank k only. Top k means rank 1 or 2 or … or k: add those chances.",
            imitates(lambda P, label, p_k: _weighted(P, label, torch.tensor(p_k)), _cases),
        ),
        Mistake(
            "cumulative the wrong way",
            "You weight rank r by P_K(1) + … + P_K(r). Rank r counts whenever K is r or more, so its weight is the "
            "sum of P_K from r to the end.",
            imitates(lambda P, label, p_k: _weighted(P, label, torch.tensor(p_k).cumsum(0)), _cases),
        ),
    ),
)
