"""Exercise 1.2: the P_K for wished-for rank weights."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference
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


def _shifted(weights: list[float]) -> torch.Tensor:
    return torch.cat([1 - torch.tensor(weights[:1], dtype=torch.double), _drops(weights)])


CHECKS = Checks(
    reference=p_k_from,
    cases=_wishes,
    imports="",
    properties={
        "weights 1, .8, .6, .4, .2 come from the even P_K": _even_steps,
        "weights 1, 1, 1 come from K = 3 for certain": _three_equal,
        "the answer is a distribution: nothing negative, sum 1": _distribution,
        "its rank weights are the ones that were wished for": _there_and_back,
        "nine different wishes are met": agrees(_right, _wishes, _case),
    },
    mistakes={
        "the last rank forgotten": (
            _drops,
            lambda weights: torch.cat([_drops(weights), torch.zeros(1, dtype=torch.double)]),
        ),
        "differences the other way round": lambda weights: -_right(weights),
        "one rank too late": _shifted,
        "weights divided by their sum": lambda weights: torch.tensor(weights) / sum(weights),
        "added up instead": lambda weights: torch.tensor(weights_from(weights)),
    },
)
