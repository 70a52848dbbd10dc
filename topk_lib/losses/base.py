"""What all losses have in common: where they are registered, and the settings that torch's cross-entropy has too."""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .. import _validate
from ..masks import screened
from ..registry import Builders
from ..settings import CheckedModule, Checks, settings_of

LOSSES: Builders[nn.Module] = Builders("loss")
"""Every loss by the name that the command line uses. A new one is decorated with `LOSSES.register`."""

LOSSES.register("ce", "cross-entropy", hidden=("size_average", "reduce"))(nn.CrossEntropyLoss)

REDUCTIONS = ("none", "mean", "sum")
NOWHERE = -1e30
"""A score so low that its class does not count; finite, so that no difference of two of them is NaN."""


def _class_weights(name: str, value: Any) -> Tensor | None:
    if value is not None and not (isinstance(value, Tensor) and value.is_floating_point() and value.ndim == 1):
        raise TypeError(f"{name} must be a floating-point tensor of shape (n,), got {value!r}")
    return value


def _index(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, got {value!r}")
    return value


class ClassificationLoss(CheckedModule):
    """A loss of logits and targets with the shapes, reductions, class weights and ignored labels of cross-entropy.

    Subclasses write `losses`. Their ``reduction`` is "mean" (weighted by the labels' class weights, ignored samples
    left out), "sum" or "none"; ``weight`` has shape (n,), or is None; a label of ``ignore_index`` contributes nothing.
    """

    CHECKS: ClassVar[Checks] = {
        "reduction": functools.partial(_validate.choice, allowed=REDUCTIONS),
        "weight": _class_weights,
        "ignore_index": _index,
    }

    weight: Tensor | None

    def __init__(self, reduction: str, weight: Tensor | None, ignore_index: int) -> None:
        super().__init__()
        self.reduction = reduction
        self.register_buffer("weight", _class_weights("weight", weight))
        self.ignore_index = ignore_index

    def extra_repr(self) -> str:
        settings = {name: getattr(self, name) for name in settings_of(type(self)) if name != "weight"}
        usual = {"reduction": "mean", "ignore_index": -100}
        return ", ".join(f"{name}={value!r}" for name, value in settings.items() if usual.get(name, ...) != value)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        scores, target, shape = self.checked(logits, target)
        return self.reduced(*self.losses(*screened(scores), target), shape)

    def checked(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor, torch.Size]:
        """Scores (samples, n) in working precision, the target's class indices (samples,), and the samples' shape."""
        logits = _validate.working_precision(_validate.scores_tensor("logits", classes_last(logits)))
        *shape, n = logits.shape
        target = _validate.class_indices("target", target, shape, n, self.ignore_index)
        self.check_classes(n)
        return logits.reshape(-1, n), target.reshape(-1), logits.shape[:-1]

    def check_classes(self, n: int) -> None:
        """Raise unless the settings fit n classes."""
        if self.weight is not None and self.weight.shape[0] != n:
            raise ValueError(f"weight must have shape ({n},), got {tuple(self.weight.shape)}")

    def losses(self, scores: Tensor, mask: Tensor | None, target: Tensor) -> tuple[Tensor, Tensor | None]:
        """Loss per sample, shape (samples,), and what each counts in a mean; None where all count the same."""
        raise NotImplementedError(f"{type(self).__name__} must define losses(scores, mask, target)")

    def counted(self, scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Which labels count, the labels with 0 for those that do not, and what each sample counts in a mean."""
        kept = labels != self.ignore_index
        labels = torch.where(kept, labels, 0)
        return kept, labels, kept if self.weight is None else self.weight.to(scores).take(labels) * kept

    def reduced(self, losses: Tensor, count: Tensor | None, shape: torch.Size) -> Tensor:
        """Losses (samples,) as the reduction wants them."""
        if self.reduction == "none":
            return losses.reshape(shape)
        if self.reduction == "sum":
            return losses.sum()
        return losses.mean() if count is None else losses.sum() / count.sum()


class TopKLoss(ClassificationLoss):
    """A loss of a class index among n that is there to make top-k accuracy large, with one whole k.

    Subclasses write `of_others`. A masked logit, minus infinity, is a class that costs nothing; with a masked label the
    loss is infinite.
    """

    CHECKS: ClassVar[Checks] = {**ClassificationLoss.CHECKS, "k": functools.partial(_validate.integer, low=1)}

    def __init__(
        self, k: int = 5, reduction: str = "mean", weight: Tensor | None = None, ignore_index: int = -100
    ) -> None:
        super().__init__(reduction, weight, ignore_index)
        self.k = k

    def check_classes(self, n: int) -> None:
        super().check_classes(n)
        if self.k >= n:
            raise ValueError(f"k must be less than the number of classes, got k={self.k} for n={n}")

    def losses(self, scores: Tensor, mask: Tensor | None, target: Tensor, *noise: Tensor) -> tuple[Tensor, Tensor]:
        kept, labels, count = self.counted(scores, target)
        losses = torch.where(kept, self.per_sample(scores, mask, labels, *noise), 0)
        return (losses if self.weight is None else losses * count), count

    def per_sample(self, scores: Tensor, mask: Tensor | None, labels: Tensor, *noise: Tensor) -> Tensor:
        """scores (B, n), labels (B,) -> (B,)."""
        own = labels.unsqueeze(1)
        scores = scores if mask is None else scores.masked_fill(mask, NOWHERE)
        others = (scores - scores.gather(1, own)).scatter(1, own, NOWHERE)
        return settled(self.of_others(others), others, mask, own)

    def of_others(self, others: Tensor) -> Tensor:
        """The loss (B,) of how far each class lies above the label, (B, n); the label itself and masks: `NOWHERE`."""
        raise NotImplementedError(f"{type(self).__name__} must define of_others(others)")


def settled(losses: Tensor, others: Tensor, mask: Tensor | None, own: Tensor) -> Tensor:
    """Losses (B,), NaN where a logit is (the largest of them says so) and infinite where the label is masked."""
    losses = losses.masked_fill(others.detach().amax(1).isnan(), math.nan)
    return losses if mask is None else losses.masked_fill(mask.gather(1, own).squeeze(1), math.inf)


def classes_last(tensor: Tensor) -> Tensor:
    """(B, n, d1, …) as (B, d1, …, n)."""
    return tensor.movedim(1, -1) if isinstance(tensor, Tensor) and tensor.ndim > 1 else tensor
