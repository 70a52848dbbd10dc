"""Exercise 1.1: from P_K to rank weights."""

from __future__ import annotations

import torch

from ..checks import Checks, Instead, agrees, each, gives


def weights_from(p_k: list[float]) -> list[float]:
    """The weight of rank 1, 2, …: the probability that K is at least that rank."""
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


CASES = distributions()

CHECKS = Checks(
    reference=weights_from,
    cases=CASES,
    case="P_K = [{p_k:.2f}]",
    imports="",
    properties={
        "for P_K = [.5, 0, 0, 0, .5] the weights are 1, .5, .5, .5, .5": gives(
            [1, 0.5, 0.5, 0.5, 0.5], [0.5, 0, 0, 0, 0.5]
        ),
        "rank 1 always weighs 1": agrees(CASES, lambda _: 1.0, of=lambda w: w[0], what="the weight of rank 1"),
        "from one rank to the next the weights never rise": each(
            CASES, lambda weights, _: (weights.diff() <= 1e-6).all(), "your weights [{answer:.2f}] rise somewhere"
        ),
        "they sum to E[K]": agrees(
            CASES, lambda p_k: sum(k * p for k, p in enumerate(p_k, start=1)), of=torch.sum, what="the sum"
        ),
        "every weight of nine different P_K is right": agrees(CASES),
    },
    mistakes={
        "cumulative the wrong way": lambda p_k: torch.tensor(p_k).cumsum(0),
        "best rank last": Instead("insert(0, total)", "append(total)"),
        "P_K itself": list,
        "one rank too late": Instead("insert(0, total)", "insert(0, total - probability)"),
        "made to sum to 1": Instead("return weights", "return [weight / sum(weights) for weight in weights]"),
    },
)
