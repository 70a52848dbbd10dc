"""The smooth top-k SVM loss (Berrada, Zisserman and Kumar, "Smooth Loss Functions for Deep Top-k Classification",
ICLR 2018)."""

from __future__ import annotations

import functools
import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from .. import _validate
from ..settings import Checks
from .base import LOSSES, NOWHERE, TopKLoss


@LOSSES.register("smooth_topk_svm", "smooth top-k SVM")
class SmoothTopKSVMLoss(TopKLoss):
    """max(0, α + (b_k)/k), smoothed at temperature τ; b_k is the k-th best other logit less the label's.

    With σ_j the elementary symmetric polynomial of degree j of e^{b_i/(kτ)}, the sum over all choices of j other
    classes, it is τ·log(1 + e^{α/τ}·σ_k/σ_{k-1}); τ = 0 is the hard one.

    Polynomials of the classes are multiplied pair by pair, up to degree k, in logarithms: all terms have one sign, so
    that nothing cancels at any τ or n. That takes O(n·k) time and memory and ⌈log2 n⌉ steps. (The authors' code is hard
    where the k-th best class is clear; this is exact everywhere.)

    Args:
        k: the label should be among so many; less than the number of classes.
        tau: τ >= 0, in units of logits.
        alpha: the margin, in units of logits.
        reduction, weight, ignore_index: as for `torch.nn.CrossEntropyLoss`.

    Shapes and errors are those of `TopKCrossEntropyLoss` with class indices as the target.
    """

    CHECKS: ClassVar[Checks] = {
        **TopKLoss.CHECKS,
        "tau": functools.partial(_validate.real, low=0, high=math.inf),
        "alpha": functools.partial(_validate.real, low=0, high=math.inf),
    }

    def __init__(
        self,
        k: int = 5,
        tau: float = 1.0,
        alpha: float = 1.0,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int = -100,
    ) -> None:
        super().__init__(k, reduction, weight, ignore_index)
        self.tau = tau
        self.alpha = alpha

    def of_others(self, others: Tensor) -> Tensor:
        if self.tau == 0:
            return (self.alpha + others.topk(self.k, 1).values.select(1, self.k - 1) / self.k).relu()
        log_sums = log_symmetric_polynomials(others / (self.k * self.tau), self.k)
        ratio = log_sums.select(1, self.k) - log_sums.select(1, self.k - 1)
        return self.tau * torch.logaddexp(ratio + self.alpha / self.tau, torch.zeros_like(ratio))


def log_symmetric_polynomials(logs: Tensor, k: int) -> Tensor:
    """log σ_0 … log σ_k of n numbers given by their logarithms: (B, n) -> (B, k + 1); `NOWHERE` is the log of 0."""
    factors = torch.stack([torch.zeros_like(logs), logs], 2)  # 1 + e^x·z, one for each number
    while factors.shape[1] > 1:
        if factors.shape[1] % 2:
            one = F.pad(torch.zeros_like(factors[:, :1, :1]), (0, factors.shape[2] - 1), value=NOWHERE)
            factors = torch.cat([factors, one], 1)
        factors = _product(factors[:, 0::2], factors[:, 1::2], k)
    return F.pad(factors.squeeze(1), (0, max(0, k + 1 - factors.shape[2])), value=NOWHERE)


def _product(a: Tensor, b: Tensor, k: int) -> Tensor:
    """Products of polynomials (B, pairs, degree + 1), given and returned as logarithms, up to degree k."""
    size, products = a.shape[2], []
    for degree in range(min(k + 1, 2 * size - 1)):
        low, high = max(0, degree - size + 1), min(degree, size - 1)  # of a; b has the rest
        terms = a[:, :, low : high + 1] + b[:, :, degree - high : degree - low + 1].flip(2)
        products.append(terms.logsumexp(2))
    return torch.stack(products, 2)
