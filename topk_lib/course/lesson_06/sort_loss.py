"""Exercise 6.1: from the column of the label to the loss."""

from __future__ import annotations

import torch

from ..checks import Checks, Instead, agrees, gives
from .samples import samples


def sort_loss(P: torch.Tensor, label: int, p_k: list[float]) -> float:
    """The top-k loss in mode "sort": P of shape (n, n) with the best rank first, the label's index, P_K."""
    p_k = torch.tensor(p_k, dtype=P.dtype)
    q = P[: len(p_k), label].cumsum(0)
    probability = (p_k * q).sum()
    return -torch.log(probability * (1 - 2e-7) + 1e-7).item()


HARD = torch.eye(4)[[2, 0, 3, 1]]
CASES = [(P, label, p_k) for _, P, label, p_k in samples()]

CHECKS = Checks(
    reference=sort_loss,
    cases=CASES,
    case="{P.shape[0]} scores with P_K = {p_k}",
    properties={
        "a label that certainly has rank 1 costs nothing": gives(
            0.0, HARD, 2, [0.5, 0.5], tolerance=1e-3, what="your loss for the label of rank 1"
        ),
        "rank 3 with P_K = [.25, .25, .5] is a hit half of the time: the loss is log 2": gives(
            0.6931, HARD, 3, [0.25, 0.25, 0.5], tolerance=1e-3, what="your loss for the label of rank 3"
        ),
        "a label that certainly has the last rank costs -log(eps) = 16.118": gives(
            16.1181, HARD, 1, [0.5, 0.5], tolerance=1e-3, what="your loss for the label of the last rank"
        ),
        "soft matrices give the formula's value": agrees(CASES),
    },
    mistakes={
        "the row of the label": Instead("P[: len(p_k), label]", "P[label, : len(p_k)]"),
        "single ranks, not running sums": Instead(".cumsum(0)", ""),
        "sums from the wrong end": Instead(".cumsum(0)", "", "p_k * q", "p_k.cumsum(0) * q"),
        "one rank too few": Instead("p_k * q", "p_k * (q - P[: len(p_k), label])"),
        "the logarithm inside the sum": Instead(
            *("(p_k * q).sum()", "q"),
            *(
                "-torch.log(probability * (1 - 2e-7) + 1e-7)",
                "-(p_k * torch.log(probability * (1 - 2e-7) + 1e-7)).sum()",
            ),
        ),
        "the logarithm forgotten": Instead("-torch.log(probability * (1 - 2e-7) + 1e-7)", "probability"),
        "the minus sign forgotten": Instead("-torch.log", "torch.log"),
        "the floor forgotten": Instead("probability * (1 - 2e-7) + 1e-7", "probability"),
    },
)
