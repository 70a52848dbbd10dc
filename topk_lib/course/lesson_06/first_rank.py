"""Exercise 6.2: the first rank by softmax, in two ways."""

from __future__ import annotations

import math

import torch

from ..checks import Checks, Instead, agrees, gives
from .samples import samples


def loss_with_softmax(scores: torch.Tensor, P: torch.Tensor, label: int, p_k: list[float], mode: str) -> float:
    """The top-k loss in mode "sm" or "smce": scores (n,), P (n, n) best rank first, the label's index, P_K."""
    softmax = torch.softmax(scores, dim=0)[label]
    weights = torch.tensor(p_k, dtype=P.dtype)
    q = P[: len(p_k), label].cumsum(0)
    beyond = (weights * q)[1:].sum()
    if mode == "sm":
        return -torch.log(p_k[0] * softmax + beyond).item()
    return (-p_k[0] * torch.log(softmax) - (1 - p_k[0]) * torch.log(beyond)).item()


SM, SMCE = ([(*sample, mode) for sample in samples()] for mode in ("sm", "smce"))
NO_FIRST_PART = [(s, P, label, [0.0, 0.0, 1.0], mode) for s, P, label, _, mode in SM + SMCE]

CHECKS = Checks(
    reference=loss_with_softmax,
    cases=SM + SMCE,
    case="{scores.shape[0]} scores with P_K = {p_k}, mode {mode}",
    properties={
        "with P_K(1) = 0 both modes are -log q_k": agrees(
            NO_FIRST_PART, lambda s, P, label, *_: -P[:3, label].sum().log(), tolerance=1e-3
        ),
        "mode sm gives the formula's value": agrees(SM),
        "mode smce gives the formula's value": agrees(SMCE),
        "a perfect prediction still costs 0.347 under smce with P_K = [.5, 0, .5]": gives(
            0.5 * math.log(2),
            torch.tensor([20.0, 0.0, -20.0]),
            torch.eye(3),
            0,
            [0.5, 0.0, 0.5],
            "smce",
            tolerance=1e-3,
        ),
    },
    mistakes={
        "the two modes swapped": Instead('mode == "sm"', 'mode == "smce"'),
        "the first rank counted twice": Instead("(weights * q)[1:]", "(weights * q)"),
        "rank 1 cut from the column": Instead("(weights * q)", "(weights * (q - q[0]))"),
        "P in place of softmax": Instead("torch.softmax(scores, dim=0)[label]", "P[0, label]"),
        "the inner weights renormalised": Instead("torch.log(beyond)", "torch.log(beyond / (1 - p_k[0]))"),
        "the outer weight forgotten": Instead("(1 - p_k[0]) * ", ""),
    },
)
