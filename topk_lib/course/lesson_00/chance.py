"""Exercise 0.2: the one number inside the loss."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees, compared, difference, gives
from ..example import LABEL, scores

FIRST, FIFTH, MIXED = [1.0], [0.0, 0.0, 0.0, 0.0, 1.0], [0.5, 0.0, 0.0, 0.0, 0.5]
P_KS = (FIRST, FIFTH, MIXED, [0.1, 0.2, 0.3, 0.4], [0.2] * 5)


def _hard_cases() -> list[tuple]:
    hard = torch.eye(6)[scores().argsort(descending=True)]
    return [(hard, LABEL, [0.0] * (k - 1) + [1.0]) for k in range(1, 7)]


def _cases() -> list[tuple]:
    matrices = (SOFT, naive.neural_sort_matrix(scores(), 0.5))
    return [(P, label, p_k) for P in matrices for label in range(6) for p_k in P_KS]


def _half_way(attempt: Attempt) -> str | None:
    ends = attempt.number(SOFT, LABEL, FIRST) + attempt.number(SOFT, LABEL, FIFTH)
    return compared(attempt, ends / 2, SOFT, LABEL, MIXED)


def _sums_to_mean_k(attempt: Attempt) -> str | None:
    for p_k in P_KS:
        total = sum(attempt.number(SOFT, label, p_k) for label in range(6))
        mean = sum(k * probability for k, probability in enumerate(p_k, start=1))
        if difference(total, mean, 1e-3):
            return f"with P_K = {p_k} the chances of the six classes sum to {total:.3f}, expected {mean:.3f}"
    return None


def _weighted(P: torch.Tensor, label: int, weights: torch.Tensor) -> torch.Tensor:
    return (weights * P[: len(weights), label]).sum()


SOFT = naive.soft_sort_matrix(scores(), 1.0)

CHECKS = Checks(
    reference=naive.chance_in_top_K,
    cases=_cases,
    properties={
        "with a hard P the chance of dog is 0 for K = 1 and 2, and 1 from K = 3 on": agrees(
            naive.chance_in_top_K, _hard_cases, lambda P, label, p_k: f"K = {len(p_k)} for certain"
        ),
        "for P_K = [1] it is P[0, label]": gives(SOFT[0, LABEL], SOFT, LABEL, FIRST),
        "for P_K = [.5, 0, 0, 0, .5] it lies half-way between K = 1 and K = 5": _half_way,
        "over all classes it sums to the mean of K": _sums_to_mean_k,
        "every class of two soft matrices gets its chance under five P_K": agrees(
            naive.chance_in_top_K, _cases, lambda P, label, p_k: f"class {label}, P_K = {p_k}"
        ),
    },
    mistakes={
        "P transposed": lambda P, label, p_k: naive.chance_in_top_K(P.T, label, p_k),
        "ranks run worst-first": lambda P, label, p_k: naive.chance_in_top_K(P.flip(0), label, p_k),
        "rank k alone": lambda P, label, p_k: _weighted(P, label, torch.tensor(p_k)),
        "cumulative the wrong way": lambda P, label, p_k: _weighted(P, label, torch.tensor(p_k).cumsum(0)),
    },
)
