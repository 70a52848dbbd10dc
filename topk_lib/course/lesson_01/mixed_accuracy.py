"""Exercise 1.3: one number from the ranks of the labels and a P_K."""

from __future__ import annotations

import torch

from ..checks import Checks, Instead, agrees, difference, gives, holds
from .weights_from import distributions


def mixed_accuracy(ranks: list[int], p_k: list[float]) -> float:
    """The mean of top-1, top-2, … accuracy, each weighted by its P_K; ranks are those of the labels, from 1 on."""
    total = 0.0
    for k, probability in enumerate(p_k, start=1):
        hits = sum(rank <= k for rank in ranks)
        total = total + probability * hits / len(ranks)
    return total


RANKS = [1, 1, 3, 2, 6, 1, 5, 4, 9, 2]


def _cases() -> list[tuple[list[int], list[float]]]:
    generator = torch.Generator().manual_seed(2)
    drawn = [torch.randint(1, 10, (count,), generator=generator).tolist() for count in (4, 25)]
    return [(ranks, p_k) for ranks in (RANKS, *drawn) for (p_k,) in distributions()]


CHECKS = Checks(
    reference=mixed_accuracy,
    cases=_cases(),
    case="ranks {ranks}, P_K = [{p_k:.2f}]",
    imports="",
    properties={
        "P_K = [1] gives top-1 accuracy, 3 of 10": gives(0.3, RANKS, [1.0]),
        "P_K = [0, 0, 0, 0, 1] gives top-5 accuracy, 8 of 10": gives(0.8, RANKS, [0, 0, 0, 0, 1.0]),
        "P_K = [.5, 0, 0, 0, .5] gives their mean": gives(0.55, RANKS, [0.5, 0, 0, 0, 0.5]),
        "labels beyond the last rank of P_K never count": gives(0.0, [4, 8, 90], [0.2, 0.3, 0.5]),
        "the same images listed twice change nothing": holds(
            lambda once, twice: not difference(twice, once),
            "the ten images give {:.3f}, and the same ten listed twice {:.3f}",
            *[(ranks, [0.2] * 5) for ranks in (RANKS, RANKS + RANKS)],
        ),
        "27 cases agree with counting": agrees(_cases()),
    },
    mistakes={
        "rank k alone": Instead("rank <= k", "rank == k"),
        "cumulative the wrong way": Instead("rank <= k", "k <= rank <= len(p_k)"),
        "one rank too few": Instead("rank <= k", "rank < k"),
        "the sum for the mean": Instead(" / len(ranks)", ""),
        "ranks beyond the end counted": Instead("rank <= k", "min(rank, len(p_k)) <= k"),
    },
)
