"""Exercise 1.3: one number from the ranks of the labels and a P_K."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference, gives
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


def _twice(attempt: Attempt) -> str | None:
    once, twice = (attempt.number(ranks, [0.2] * 5) for ranks in (RANKS, RANKS + RANKS))
    same = difference(twice, once) is None
    return None if same else f"the ten images give {once:.3f}, and the same ten listed twice {twice:.3f}"


def _by_weight(ranks: list[int], weights: list[float], beyond: float = 0.0) -> float:
    return sum(weights[rank - 1] if rank <= len(weights) else beyond for rank in ranks) / len(ranks)


CHECKS = Checks(
    reference=mixed_accuracy,
    cases=_cases,
    imports="",
    properties={
        "P_K = [1] gives top-1 accuracy, 3 of 10": gives(0.3, RANKS, [1.0]),
        "P_K = [0, 0, 0, 0, 1] gives top-5 accuracy, 8 of 10": gives(0.8, RANKS, [0, 0, 0, 0, 1.0]),
        "P_K = [.5, 0, 0, 0, .5] gives their mean": gives(0.55, RANKS, [0.5, 0, 0, 0, 0.5]),
        "labels beyond the last rank of P_K never count": gives(0.0, [4, 8, 90], [0.2, 0.3, 0.5]),
        "the same images listed twice change nothing": _twice,
        "27 cases agree with counting": agrees(mixed_accuracy, _cases, _case),
    },
    mistakes={
        "rank k alone": _by_weight,
        "cumulative the wrong way": lambda ranks, p_k: _by_weight(ranks, torch.tensor(p_k).cumsum(0).tolist()),
        "one rank too few": lambda ranks, p_k: mixed_accuracy([rank + 1 for rank in ranks], p_k),
        "the sum for the mean": lambda ranks, p_k: len(ranks) * mixed_accuracy(ranks, p_k),
        "ranks beyond the end counted": lambda ranks, p_k: _by_weight(ranks, weights_from(p_k), weights_from(p_k)[-1]),
    },
)
