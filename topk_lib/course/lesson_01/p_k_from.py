"""Exercise 1.2: the P_K for wished-for rank weights."""

from __future__ import annotations

import torch

from ..checks import Checks, Instead, agrees, difference, each, gives
from .weights_from import distributions, weights_from


def p_k_from(weights: list[float]) -> list[float]:
    """P_K(1), P_K(2), … for the weights of rank 1, 2, …, which start at 1 and never rise."""
    following = [*weights[1:], 0.0]
    return [weight - below for weight, below in zip(weights, following, strict=True)]


WISHES = [(weights_from(p_k),) for (p_k,) in distributions()]

CHECKS = Checks(
    reference=p_k_from,
    cases=WISHES,
    case="weights [{weights:.2f}]",
    imports="",
    properties={
        "weights 1, .8, .6, .4, .2 come from the even P_K": gives([0.2] * 5, [1.0, 0.8, 0.6, 0.4, 0.2]),
        "weights 1, 1, 1 come from K = 3 for certain": gives([0.0, 0.0, 1.0], [1.0, 1.0, 1.0]),
        "the answer is a distribution: nothing negative, sum 1": each(
            WISHES,
            lambda p_k, _: p_k.min() >= -1e-6 and not difference(p_k.sum(), 1.0),
            lambda p_k, _: f"your P_K [{{answer:.2f}}] sums to {p_k.sum():.3f}",
        ),
        "its rank weights are the ones that were wished for": agrees(
            WISHES,
            torch.tensor,
            of=lambda p_k: torch.tensor(weights_from(p_k.tolist())),
            what="the weights of your P_K",
        ),
        "nine different wishes are met": agrees(WISHES),
    },
    mistakes={
        "the last rank forgotten": (lambda weights: p_k_from(weights)[:-1], Instead("0.0]", "weights[-1]]")),
        "differences the other way round": Instead("weight - below for", "below - weight for"),
        "one rank too late": lambda weights: [1 - weights[0], *p_k_from(weights)[:-1]],
        "weights divided by their sum": lambda weights: torch.tensor(weights) / sum(weights),
        "added up instead": weights_from,
    },
)
