"""Exercise 1.1: from P_K to rank weights."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each, gives


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


def _first_weighs_one(attempt: Attempt, p_k: list[float]) -> str | None:
    found = difference(_weights(attempt, p_k)[0], 1.0)
    return found and found.replace("the answer", "the weight of rank 1")


def _never_rise(attempt: Attempt, p_k: list[float]) -> str | None:
    weights = _weights(attempt, p_k)
    return None if (weights.diff() <= 1e-6).all() else f"your weights {listed(weights.tolist())} rise somewhere"


def _sum_to_mean(attempt: Attempt, p_k: list[float]) -> str | None:
    total, mean = _weights(attempt, p_k).sum(), sum(k * p for k, p in enumerate(p_k, start=1))
    return f"your weights sum to {total:.3f}, expected {mean:.3f}" if difference(total, mean) else None


def _right(p_k: list[float]) -> torch.Tensor:
    return torch.tensor(weights_from(p_k))


def _case(p_k: list[float]) -> str:
    return f"P_K = {listed(p_k)}"


CHECKS = Checks(
    reference=weights_from,
    cases=distributions,
    imports="",
    properties={
        "for P_K = [.5, 0, 0, 0, .5] the weights are 1, .5, .5, .5, .5": gives(
            [1, 0.5, 0.5, 0.5, 0.5], [0.5, 0, 0, 0, 0.5]
        ),
        "rank 1 always weighs 1": each(distributions, _case, _first_weighs_one),
        "from one rank to the next the weights never rise": each(distributions, _case, _never_rise),
        "they sum to E[K]": each(distributions, _case, _sum_to_mean),
        "every weight of nine different P_K is right": agrees(weights_from, distributions, _case),
    },
    mistakes={
        "cumulative the wrong way": lambda p_k: torch.tensor(p_k).cumsum(0),
        "best rank last": lambda p_k: weights_from(p_k)[::-1],
        "P_K itself": list,
        "one rank too late": lambda p_k: _right(p_k) - torch.tensor(p_k),
        "made to sum to 1": lambda p_k: torch.nn.functional.normalize(_right(p_k), p=1, dim=0),
    },
)
