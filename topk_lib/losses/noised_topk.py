"""The noised top-k hinge loss (Garcin, Servajean, Joly and Salmon, "Stochastic smoothing of the top-K calibrated hinge
loss for deep imbalanced classification", ICML 2022)."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from .. import _validate
from ..caching import constant
from ..masks import screened
from ..settings import Checks
from .base import LOSSES, NOWHERE, TopKLoss, settled


def _counts(name: str, value: Any) -> tuple[float, ...] | None:
    if value is None:
        return None
    counts = tuple(float(count) for count in value)
    if not counts or min(counts) <= 0 or not math.isfinite(sum(counts)):
        raise ValueError(f"{name} must hold a number of training samples above 0 for each class, got {list(value)}")
    return counts


@LOSSES.register("noised_topk", "noised top-k hinge")
class NoisedTopKLoss(TopKLoss):
    """max(0, scale·(margin + ŝ - s_y)): a hinge on the (k+1)-th largest logit, smoothed by noise.

    ŝ is the mean of the (k+1)-th largest of s + ε·Z over some samples of standard normal noise Z. The margin is 1, or
    with class counts max_m·(n_min/n_y)^¼: the rarer the label, the wider.

    Args:
        k: the label should be among so many; less than the number of classes.
        epsilon: ε > 0, in units of logits.
        n_sample: how many samples of noise.
        class_counts: how many training samples each class has, for the imbalanced form.
        max_m: the margin of the rarest class, with class counts.
        scale: a factor. With class counts the authors have 50, on logits that are cosines.
        reduction, weight, ignore_index: as for `torch.nn.CrossEntropyLoss`.

    Shapes and errors are those of `TopKCrossEntropyLoss` with class indices as the target.
    """

    CHECKS: ClassVar[Checks] = {
        **TopKLoss.CHECKS,
        "epsilon": _validate.positive_real,
        "n_sample": functools.partial(_validate.integer, low=1),
        "class_counts": _counts,
        "max_m": _validate.positive_real,
        "scale": _validate.positive_real,
    }

    class_counts: Sequence[float] | None

    def __init__(
        self,
        k: int = 5,
        epsilon: float = 1.0,
        n_sample: int = 5,
        class_counts: Sequence[float] | None = None,
        max_m: float = 0.2,
        scale: float = 1.0,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int = -100,
    ) -> None:
        super().__init__(k, reduction, weight, ignore_index)
        self.epsilon = epsilon
        self.n_sample = n_sample
        self.class_counts = class_counts
        self.max_m = max_m
        self.scale = scale

    def check_classes(self, n: int) -> None:
        super().check_classes(n)
        if self.class_counts is not None and len(self.class_counts) != n:
            raise ValueError(f"class_counts must hold {n} numbers, one for each class, got {len(self.class_counts)}")

    def forward(self, logits: Tensor, target: Tensor, noise: Tensor | None = None) -> Tensor:
        """The loss.

        Args:
            logits, target: as for every loss.
            noise: Z, shape (B, n, d1, …, n_sample); drawn anew if left out.
        """
        scores, target, shape = self.checked(logits, target)
        if noise is None:
            noise = torch.randn(*scores.shape, self.n_sample, dtype=scores.dtype, device=scores.device)
        elif noise.shape[:-1] != logits.shape:
            raise ValueError(f"noise must have the shape of the logits, and samples last, got {tuple(noise.shape)}")
        else:
            noise = noise.movedim(1 if logits.ndim > 1 else 0, -2).reshape(*scores.shape, -1).to(scores)
        return self.reduced(*self.losses(*screened(scores), target, noise), shape)

    def per_sample(self, scores: Tensor, mask: Tensor | None, labels: Tensor, *noise: Tensor) -> Tensor:
        own = labels.unsqueeze(1)
        scores = scores if mask is None else scores.masked_fill(mask, NOWHERE)
        others = scores - scores.gather(1, own)
        noised = others.unsqueeze(2) + self.epsilon * noise[0]
        excess = noised.topk(self.k + 1, 1).values.select(1, self.k).mean(1)
        return settled((self.scale * (self._margins(labels, scores) + excess)).relu(), others, mask, own)

    def _margins(self, labels: Tensor, like: Tensor) -> Tensor | float:
        if self.class_counts is None:
            return 1.0
        least = min(self.class_counts)
        margins = tuple(self.max_m * (least / count) ** 0.25 for count in self.class_counts)
        return constant(margins, like.dtype, like.device).take(labels)
