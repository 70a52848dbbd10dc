"""The top-k cross-entropy loss ("Differentiable Top-k Classification Learning", ICML 2022)."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from .. import _validate, presets
from ..settings import Checks
from ..sorters import Relaxation, SortingNetwork
from ..sorters.base import rank_weights
from .base import LOSSES, ClassificationLoss, classes_last
from .selection import select_m, select_m_by_target

TOP1_MODES = ("sm", "smce", "sort")
NO_LABEL = -(2**63)
"""What no label is: those that are ignored have been replaced, and all others count."""


def _sorter(name: str, value: Any) -> Relaxation:
    if value is None:
        return SortingNetwork()
    if not isinstance(value, Relaxation):
        raise TypeError(f"{name} must be a topk_lib.Relaxation, got {value!r} (build one with make_sorter)")
    return value


def _size(name: str, value: Any) -> int | None:
    return None if value is None else _validate.integer(name, value, 1)


@LOSSES.register("topk", "top-k loss")
class TopKCrossEntropyLoss(ClassificationLoss):
    """Cross-entropy of "the label is among the top K", with K drawn from a distribution P_K.

    With q_k = Σ_{r<=k} P[r, y], the probability that the label y has one of the k best ranks, and
    g(q) = -log(q·(1 - 2·eps) + eps), the loss of one sample is

    - top1_mode="sort":  g(Σ_k P_K(k) q_k)
    - top1_mode="sm":    g(P_K(1)·softmax(s)_y + Σ_{k>=2} P_K(k) q_k)
    - top1_mode="smce":  P_K(1)·CE(s, y) + (1 - P_K(1))·g(Σ_{k>=2} P_K(k) q_k)

    P_K = [1] with "sm" or "smce" is `torch.nn.functional.cross_entropy` itself, eps or not. A target of class
    probabilities t gives Σ_c t_c·(loss if c were the label), at the cost of one pass for all classes.

    Args:
        p_k: P_K(1), P_K(2), …: probabilities that sum to 1.
        sorter: any `topk_lib.Relaxation`; by default a splitter selection network with Cauchy comparators.
        m: if given, only the label's score and the m-1 largest others enter the loss, in that order. For many
            classes; at least as large as the last k with P_K(k) > 0. Of class probabilities the positive ones come
            first, the largest first, then the largest other scores; a positive one beyond m is left out.
        top1_mode: where the k=1 part comes from, as above.
        reduction: "mean" (weighted by the labels' class weights, ignored samples left out; over all samples if the
            target is probabilities), "sum" or "none".
        weight: class weights of shape (n,), as in cross_entropy.
        ignore_index: a label that contributes nothing; not looked at if the target is probabilities.
        label_smoothing: ε in [0, 1]: (1-ε) times the loss of the label plus ε/n times the sum over all classes
            (over the m kept ones with m, and over those that are not masked).
        eps: the authors' floor. It bounds the loss by -log(eps) = 16.1 and silences labels whose probability is far
            below it; with eps=0 the logarithm is exact down to the smallest float and such labels keep a gradient.

    Each may be changed between calls.

    Shapes:
        logits (B, n), (n,) or (B, n, d1, …); target class indices of the same shape without n, or probabilities of
        the same shape; the loss is a scalar, or has the shape without n with reduction="none". Half-precision logits
        are promoted to float32, and so is the loss.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed. A label out of range and a
            negative probability are found on the CPU only; on an accelerator the gather fails, as in cross_entropy.

    A logit of minus infinity masks its class: it cannot win and gets no gradient. If the label is masked, q_k = 0 and
    the loss is -log(eps), or infinite with eps=0 or P_K(1) > 0 in "smce". NaN among two or more logits that enter the
    loss, or nothing but masked ones, give NaN for their own sample (and hence for a mean or sum that holds it); plus
    infinity may.
    """

    CHECKS: ClassVar[Checks] = {
        "p_k": _validate.distribution_over_k,
        "sorter": _sorter,
        "m": _size,
        "top1_mode": functools.partial(_validate.choice, allowed=TOP1_MODES),
        **ClassificationLoss.CHECKS,
        "label_smoothing": functools.partial(_validate.real, low=0, high=1),
        "eps": functools.partial(_validate.real, low=0, high=0.1),
    }

    p_k: Sequence[float]
    sorter: Relaxation

    def __init__(
        self,
        p_k: Sequence[float] = presets.P_K["even"],
        sorter: Relaxation | None = None,
        m: int | None = None,
        top1_mode: str = "sm",
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        eps: float = 1e-7,
    ) -> None:
        super().__init__(reduction, weight, ignore_index)
        self.p_k = p_k
        self.sorter = SortingNetwork() if sorter is None else sorter
        self.m = m
        self.top1_mode = top1_mode
        self.label_smoothing = label_smoothing
        self.eps = eps
        self._check_m()

    def extra_repr(self) -> str:
        shown = f"p_k={list(self.p_k)}, m={self.m}, top1_mode={self.top1_mode!r}"
        return shown if self.reduction == "mean" else f"{shown}, reduction={self.reduction!r}"

    @property
    def k(self) -> int:
        """The last k with P_K(k) > 0: how many ranks are looked at."""
        return next(k for k in range(len(self.p_k), 0, -1) if self.p_k[k - 1] > 0)

    @property
    def is_cross_entropy(self) -> bool:
        """True where the settings leave nothing of the sorter: P_K = [1] with "sm" or "smce"."""
        return self.k == 1 and self.top1_mode != "sort"

    @property
    def rank_weights(self) -> tuple[float, ...]:
        """w_r = Σ_{j>=r} P_K(j) for r = 1 … k, of the part of P_K that goes through the sorter."""
        return rank_weights(self._relaxed_p_k)

    @property
    def _relaxed_p_k(self) -> tuple[float, ...]:
        p_k = tuple(self.p_k[: self.k])
        return p_k if self.top1_mode == "sort" else (0.0, *p_k[1:])

    @property
    def lower_bound(self) -> float:
        """What no loss of a label, or of probabilities that sum to 1, is below (class weights aside).

        About 0, but (1-P_K(1))·(-log(1-P_K(1))) for "smce": its inner weights are not renormalised, in the paper's
        code as here, which shifts the loss by a constant and leaves its gradient alone. Where columns of P sum to 1
        a perfect prediction attains it. Those of NeuralSort and SoftSort may sum to more, so that q_k is at most
        (k+1)/2 and not 1: their loss can fall below that of a perfect prediction, and below 0.
        """
        if self.is_cross_entropy:
            return 0.0
        p_k = self.p_k if self.top1_mode != "smce" else (0.0, *self.p_k[1:])
        most = sum(p * self.sorter.top_k_bound(k) for k, p in enumerate(p_k, 1) if p > 0)
        return (sum(p_k) if self.top1_mode == "smce" else 1.0) * -math.log(most * (1 - 2 * self.eps) + self.eps)

    def checked(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor, torch.Size]:
        """As for every loss; a target of probabilities becomes (samples, n)."""
        if not (isinstance(target, Tensor) and target.is_floating_point() and isinstance(logits, Tensor)):
            return super().checked(logits, target)
        target = classes_last(_validate.probabilities("target", target, logits.shape))
        logits = _validate.working_precision(_validate.scores_tensor("logits", classes_last(logits)))
        n = logits.shape[-1]
        self.check_classes(n)
        return logits.reshape(-1, n), target.to(logits.dtype).reshape(-1, n), logits.shape[:-1]

    def check_classes(self, n: int) -> None:
        if n < self.k:
            raise ValueError(f"p_k must not reach past the number of classes, got P_K({self.k}) > 0 for n={n}")
        self._check_m()
        if self.m is not None and self.m > n:
            raise ValueError(f"m must be at most the number of classes, got m={self.m} for n={n}")
        super().check_classes(n)

    def losses(self, scores: Tensor, mask: Tensor | None, target: Tensor) -> tuple[Tensor, Tensor | None]:
        if target.is_floating_point():
            return self._of_probabilities(scores, mask, target), None
        return self._of_labels(scores, mask, target)

    def _check_m(self) -> None:
        if self.m is not None and self.m < self.k:
            raise ValueError(f"m must be at least {self.k}, the largest k with P_K(k) > 0, got {self.m}")

    def _of_labels(self, scores: Tensor, mask: Tensor | None, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Loss per sample, shape (samples,), and what each counts in a mean."""
        kept, labels, count = self.counted(scores, labels)
        weight = None if self.weight is None else self.weight.to(scores)
        if self.m is not None:
            classes = select_m(scores, labels, self.m)
            labels = torch.zeros_like(labels)
            scores, mask, weight = _taken(classes, scores, mask, weight)
        if self.label_smoothing:
            target = torch.zeros_like(scores).scatter(1, labels.unsqueeze(1), 1)
            return torch.where(kept, self._mixed(scores, mask, target, weight), 0), count
        loss = torch.where(kept, self._of_label(scores, mask, labels), 0)
        return loss if weight is None else loss * count, count

    def _of_probabilities(self, scores: Tensor, mask: Tensor | None, target: Tensor) -> Tensor:
        """Loss per sample, shape (samples,)."""
        weight = None if self.weight is None else self.weight.to(scores)
        if self.m is not None:
            classes = select_m_by_target(scores, target, self.m)
            target = target.gather(1, classes)
            scores, mask, weight = _taken(classes, scores, mask, weight)
        return self._mixed(scores, mask, target, weight)

    def _mixed(self, scores: Tensor, mask: Tensor | None, target: Tensor, weight: Tensor | None) -> Tensor:
        """Σ_c w_c·t_c·(loss if c were the label), with the target t smoothed; shape (samples,)."""
        losses = self._of_every_class(scores, mask)
        if self.label_smoothing:
            there = torch.ones_like(scores) if mask is None else 1 - mask.to(scores.dtype)
            target = torch.lerp(target, there / there.sum(1, keepdim=True), self.label_smoothing)
        if mask is not None:
            losses = losses.masked_fill(mask & (target == 0), 0)  # 0 · ∞ is 0
        return (losses * target if weight is None else losses * weight * target).sum(1)

    def _of_label(self, scores: Tensor, mask: Tensor | None, labels: Tensor) -> Tensor:
        cross_entropy = F.cross_entropy(scores, labels, reduction="none", ignore_index=NO_LABEL)
        if self.is_cross_entropy:
            return cross_entropy
        log_q = self.sorter.log_mixture(scores, self._relaxed_p_k, labels)
        mask = mask if mask is None else mask.gather(1, labels.unsqueeze(1)).squeeze(1)
        return self._combine(cross_entropy, log_q, mask)

    def _of_every_class(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        cross_entropy = -scores.log_softmax(1)
        if self.is_cross_entropy:
            return cross_entropy
        return self._combine(cross_entropy, self.sorter.log_mixture(scores, self._relaxed_p_k), mask)

    def _combine(self, cross_entropy: Tensor, log_q: Tensor, mask: Tensor | None) -> Tensor:
        """The loss from its two parts, equal in shape: -log softmax(s)_y and log Σ_k P_K(k)·q_k; 0 where masked."""
        first = self.p_k[0]
        if mask is not None:  # an infinite part would leave NaN in second derivatives
            cross_entropy = cross_entropy.masked_fill(mask, 0)
        if self.top1_mode == "sm" and first > 0:
            log_q = torch.logaddexp(math.log(first) - cross_entropy, log_q)
        loss = self._floored(log_q)
        if self.top1_mode == "smce" and first > 0:
            loss = first * cross_entropy + (1 - first) * loss
        return loss if mask is None else loss.masked_fill(mask, self._of_masked)

    @property
    def _of_masked(self) -> float:
        """The loss of a masked label."""
        infinite = self.eps == 0 or (self.top1_mode == "smce" and self.p_k[0] > 0)
        return math.inf if infinite else -math.log(self.eps)

    def _floored(self, log_q: Tensor) -> Tensor:
        return -torch.log(log_q.exp() * (1 - 2 * self.eps) + self.eps) if self.eps else -log_q


def _taken(
    classes: Tensor, scores: Tensor, mask: Tensor | None, weight: Tensor | None
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """What belongs to the classes (samples, m) that were selected."""
    mask = mask if mask is None else mask.gather(1, classes)
    return scores.gather(1, classes), mask, weight if weight is None else weight.take(classes)


def topk_cross_entropy(
    logits: Tensor,
    target: Tensor,
    p_k: Sequence[float] = presets.P_K["even"],
    sorter: Relaxation | None = None,
    m: int | None = None,
    top1_mode: str = "sm",
    reduction: str = "mean",
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    eps: float = 1e-7,
) -> Tensor:
    """The functional twin of `TopKCrossEntropyLoss`: same arguments, shapes, errors and value."""
    settings = (p_k, sorter, m, top1_mode, reduction, weight, ignore_index, label_smoothing, eps)
    return TopKCrossEntropyLoss(*settings)(logits, target)
