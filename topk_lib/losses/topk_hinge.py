"""The top-k hinge losses (Lapin, Hein and Schiele, CVPR 2016, "Loss Functions for Top-k Error")."""

from __future__ import annotations

import functools
from typing import ClassVar

from torch import Tensor

from .. import _validate
from ..settings import Checks
from .base import LOSSES, TopKLoss


@LOSSES.register("topk_hinge", "top-k hinge")
class TopKHingeLoss(TopKLoss):
    """A hinge on the k best other classes; k = 1 is the multiclass hinge loss of Crammer and Singer.

    With b_1 >= b_2 >= … the other classes' logits less the label's,

    - kind="alpha": max(0, (1/k) Σ_{i<=k} (1 + b_i))
    - kind="beta":  (1/k) Σ_{i<=k} max(0, 1 + b_i), which is at least as large

    Args:
        k: the label should be among so many; less than the number of classes.
        kind: "alpha" or "beta".
        reduction, weight, ignore_index: as for `torch.nn.CrossEntropyLoss`.

    Shapes and errors are those of `TopKCrossEntropyLoss` with class indices as the target.
    """

    CHECKS: ClassVar[Checks] = {
        **TopKLoss.CHECKS,
        "kind": functools.partial(_validate.choice, allowed=("alpha", "beta")),
    }

    def __init__(
        self,
        k: int = 5,
        kind: str = "alpha",
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int = -100,
    ) -> None:
        super().__init__(k, reduction, weight, ignore_index)
        self.kind = kind

    def of_others(self, others: Tensor) -> Tensor:
        margins = 1 + others.topk(self.k, 1).values
        return margins.mean(1).relu() if self.kind == "alpha" else margins.relu().mean(1)
