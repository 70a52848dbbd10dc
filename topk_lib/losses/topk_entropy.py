"""The top-k entropy loss (Lapin, Hein and Schiele, CVPR 2016, "Loss Functions for Top-k Error")."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .base import LOSSES, NOWHERE, TopKLoss


@LOSSES.register("topk_entropy", "top-k entropy")
class TopKEntropyLoss(TopKLoss):
    """The convex loss between top-k hinge and cross-entropy; k = 1 is cross-entropy.

    With b_1 >= b_2 >= … the other classes' logits less the label's, it is the maximum over x >= 0 with s = Σx <= 1 and
    no x_i above s/k of ⟨b, x⟩ - Σ x log x - (1 - s) log(1 - s). Let the u largest x be those at s/k, and B_u = Σ_{i>u}
    e^{b_i} what is left. Setting the derivatives to zero gives the loss in closed form, log(1 + e^z) with

        z = (Σ_{i<=u} b_i + (k - u)·log(B_u / (k - u))) / k + log k

    and u is the first of 0 … k-1 with b_{u+1} <= log(B_u / (k - u)). The gradient for b is x.

    Args:
        k: the label should be among so many; less than the number of classes.
        reduction, weight, ignore_index: as for `torch.nn.CrossEntropyLoss`.

    Shapes and errors are those of `TopKCrossEntropyLoss` with class indices as the target.
    """

    def of_others(self, others: Tensor) -> Tensor:
        best, places = others.topk(self.k, 1)
        rest = others.scatter(1, places, NOWHERE).logsumexp(1, keepdim=True)
        log_b = torch.cat([best, rest], 1).flip(1).logcumsumexp(1).flip(1).narrow(1, 0, self.k)
        left = torch.arange(self.k, 0, -1, device=others.device, dtype=others.dtype)
        shares = log_b - left.log()
        z = (F.pad(best.cumsum(1), (1, -1)) + left * shares) / self.k + math.log(self.k)
        u = (best <= shares).to(torch.uint8).argmax(1, keepdim=True)
        return F.pad(z.gather(1, u), (0, 1)).logsumexp(1)
