"""The truncated top-k entropy loss (Lapin, Hein and Schiele, CVPR 2016, "Loss Functions for Top-k Error")."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .base import LOSSES, NOWHERE, TopKLoss


@LOSSES.register("truncated_topk_entropy", "truncated top-k entropy")
class TruncatedTopKEntropyLoss(TopKLoss):
    """Cross-entropy without the k - 1 best other classes: log(1 + Σ_{i>=k} e^{b_i}), b_1 >= b_2 >= … their logits less
    the label's. It is not convex; k = 1 is cross-entropy.

    Args:
        k: the label should be among so many; less than the number of classes.
        reduction, weight, ignore_index: as for `torch.nn.CrossEntropyLoss`.

    Shapes and errors are those of `TopKCrossEntropyLoss` with class indices as the target.
    """

    def of_others(self, others: Tensor) -> Tensor:
        left_out = others.detach().topk(self.k - 1, 1).indices
        return F.pad(others.scatter(1, left_out, NOWHERE), (0, 1)).logsumexp(1)
