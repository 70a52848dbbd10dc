"""Exercise 1.2: the P_K for wished-for rank weights."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each, gives
from .weights_from import distributions, listed, weights_from


def p_k_from(weights: list[float]) -> list[float]:
    """P_K(1), P_K(2), … for the weights of rank 1, 2, …, which start at 1 and never rise."""
    following = [*weights[1:], 0.0]
    return [weight - below for weight, below in zip(weights, following, strict=True)]


def _answer(attempt: Attempt, weights: list[float]) -> list[float]:
    return attempt.tensor(weights, shape=(len(weights),)).tolist()


def _case(weights: list[float]) -> str:
    return f"weights {listed(weights)}"


def _distribution(attempt: Attempt, weights: list[float]) -> str | None:
    p_k = _answer(attempt, weights)
    fine = min(p_k) >= -1e-6 and not difference(sum(p_k), 1.0)
    return None if fine else f"your P_K {listed(p_k)} sums to {sum(p_k):.3f}"


def _there_and_back(attempt: Attempt, weights: list[float]) -> str | None:
    back = weights_from(_answer(attempt, weights))
    wrong = difference(torch.tensor(back), torch.tensor(weights))
    return wrong and f"your P_K has the weights {listed(back)}"


def _drops(weights: list[float]) -> list[float]:
    return p_k_from(weights)[:-1]


WISHES = [(weights_from(p_k),) for (p_k,) in distributions()]

CHECKS = Checks(
    reference=p_k_from,
    cases=WISHES,
    imports="",
    properties={
        "weights 1, .8, .6, .4, .2 come from the even P_K": gives([0.2] * 5, [1.0, 0.8, 0.6, 0.4, 0.2]),
        "weights 1, 1, 1 come from K = 3 for certain": gives([0.0, 0.0, 1.0], [1.0, 1.0, 1.0]),
        "the answer is a distribution: nothing negative, sum 1": each(WISHES, _case, _distribution),
        "its rank weights are the ones that were wished for": each(WISHES, _case, _there_and_back),
        "nine different wishes are met": agrees(p_k_from, WISHES, _case),
    },
    mistakes={
        "the last rank forgotten": (_drops, lambda weights: [*_drops(weights), 0.0]),
        "differences the other way round": lambda weights: [-p for p in p_k_from(weights)],
        "one rank too late": lambda weights: [1 - weights[0], *_drops(weights)],
        "weights divided by their sum": lambda weights: torch.tensor(weights) / sum(weights),
        "added up instead": weights_from,
    },
)
