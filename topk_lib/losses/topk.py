"""The top-k cross-entropy loss ("Differentiable Top-k Classification Learning", ICML 2022)."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .. import _validate
from ..sorters import Sorter, SortingNetwork
from .selection import select_m

TOP1_MODES = ("sm", "smce", "sort")
REDUCTIONS = ("none", "mean", "sum")
UNIFORM_5 = (0.2, 0.2, 0.2, 0.2, 0.2)


class TopKCrossEntropyLoss(nn.Module):
    """Cross-entropy of "the label is among the top K", with K drawn from a distribution P_K.

    With q_k = Σ_{r<=k} P[r, y], the chance that the label y has one of the k best ranks, and
    g(q) = -log(q·(1 - 2·eps) + eps), the loss of one sample is

    - top1_mode="sort":  g(Σ_k P_K(k) q_k)
    - top1_mode="sm":    g(P_K(1)·softmax(s)_y + Σ_{k>=2} P_K(k) q_k)
    - top1_mode="smce":  P_K(1)·CE(s, y) + (1 - P_K(1))·g(Σ_{k>=2} P_K(k) q_k)

    P_K = [1] with "sm" or "smce" is `torch.nn.functional.cross_entropy` itself, eps or not.

    Args:
        p_k: P_K(1), P_K(2), …: probabilities that sum to 1.
        sorter: any `topk_lib.Sorter`; by default a splitter selection network with Cauchy comparators.
        m: if given, only the label's score and the m-1 largest others enter the loss, in that order. For many
            classes; at least as large as the last k with P_K(k) > 0.
        top1_mode: where the k=1 part comes from, as above.
        reduction: "mean" (weighted by the labels' class weights, ignored samples left out), "sum" or "none".
        weight: class weights of shape (n,), as in cross_entropy.
        ignore_index: a label that contributes nothing.
        label_smoothing: ε in [0, 1]: (1-ε) times the loss of the label plus ε/n times the sum over all classes
            (over the m kept ones with m).
        eps: the authors' floor. It bounds the loss by -log(eps) = 16.1 and silences labels whose chance falls far
            below it; with eps=0 the logarithm is exact down to the smallest float and such labels keep a gradient.

    Shapes:
        logits (B, n), (n,) or (B, n, d1, …); target of the same shape without n; the loss is a scalar, or has the
        target's shape with reduction="none". Half-precision logits are promoted to float32, and so is the loss.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed. A label out of range is found
            on the CPU only; on an accelerator the gather fails, as in cross_entropy.

    NaN or infinite logits give NaN for their own sample (and hence for a mean or sum that holds it).
    """

    def __init__(
        self,
        p_k: Sequence[float] = UNIFORM_5,
        sorter: Sorter | None = None,
        m: int | None = None,
        top1_mode: str = "sm",
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        eps: float = 1e-7,
    ) -> None:
        super().__init__()
        self.p_k = _validate.distribution_over_k("p_k", p_k)
        self.k = max(k for k, p in enumerate(self.p_k, 1) if p > 0)
        if sorter is not None and not isinstance(sorter, Sorter):
            raise TypeError(f"sorter must be a topk_lib.Sorter, got {sorter!r} (build one with make_sorter)")
        self.sorter = SortingNetwork() if sorter is None else sorter
        self.m = m if m is None else _validate.integer("m", m, 1)
        if m is not None and m < self.k:
            raise ValueError(f"m must be at least {self.k}, the largest k with P_K(k) > 0, got {m}")
        self.top1_mode = _validate.choice("top1_mode", top1_mode, TOP1_MODES)
        self.reduction = _validate.choice("reduction", reduction, REDUCTIONS)
        if weight is not None and not (isinstance(weight, Tensor) and weight.is_floating_point() and weight.ndim == 1):
            raise TypeError(f"weight must be a floating-point tensor of shape (n,), got {weight!r}")
        self.register_buffer("weight", weight)
        if isinstance(ignore_index, bool) or not isinstance(ignore_index, int):
            raise TypeError(f"ignore_index must be an int, got {ignore_index!r}")
        self.ignore_index = ignore_index
        self.label_smoothing = _between("label_smoothing", label_smoothing, 1.0)
        self.eps = _between("eps", eps, 0.1)

    def extra_repr(self) -> str:
        shown = f"p_k={list(self.p_k)}, m={self.m}, top1_mode={self.top1_mode!r}"
        return shown if self.reduction == "mean" else f"{shown}, reduction={self.reduction!r}"

    @property
    def is_cross_entropy(self) -> bool:
        """True where the settings leave nothing of the sorter: P_K = [1] with "sm" or "smce"."""
        return self.k == 1 and self.top1_mode != "sort"

    @property
    def rank_weights(self) -> tuple[float, ...]:
        """w_r = Σ_{j>=r} P_K(j) for r = 1 … k, of the part of P_K that goes through the sorter."""
        p_k = self.p_k[: self.k]
        if self.top1_mode != "sort":
            p_k = (0.0, *p_k[1:])
        return tuple(reversed(list(accumulate(reversed(p_k)))))

    @property
    def lower_bound(self) -> float:
        """The loss of a perfect prediction: about 0, but (1-P_K(1))·(-log(1-P_K(1))) for "smce".

        The inner weights of "smce" are not renormalised, in the paper's code as here, which shifts the loss by a
        constant and leaves its gradient alone.
        """
        if self.is_cross_entropy:
            return 0.0
        rest = sum(self.p_k[1:]) if self.top1_mode == "smce" else 1.0
        return -rest * math.log(rest * (1 - 2 * self.eps) + self.eps)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        scores, labels = self._validated(logits, target)
        kept = labels != self.ignore_index
        labels = torch.where(kept, labels, 0)
        weight = None if self.weight is None else self.weight.to(scores)
        count = kept if weight is None else weight.take(labels) * kept
        loss = torch.where(kept, self._per_sample(scores, labels, weight), 0)
        if weight is not None and not self.label_smoothing:
            loss = loss * count
        if self.reduction == "none":
            return loss.reshape(target.shape)
        return loss.sum() / count.sum() if self.reduction == "mean" else loss.sum()

    def _validated(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (samples, n) in working precision and labels (samples,)."""
        logits = _validate.working_precision(_validate.scores_tensor("logits", logits))
        logits = logits if logits.ndim == 1 else logits.movedim(1, -1)
        n = logits.shape[-1]
        target = _validate.class_indices("target", target, logits.shape[:-1], n, self.ignore_index)
        if n < self.k:
            raise ValueError(f"p_k must not reach past the number of classes, got P_K({self.k}) > 0 for n={n}")
        if self.m is not None and self.m > n:
            raise ValueError(f"m must be at most the number of classes, got m={self.m} for n={n}")
        if self.weight is not None and self.weight.shape[0] != n:
            raise ValueError(f"weight must have shape ({n},), got {tuple(self.weight.shape)}")
        return logits.reshape(-1, n), target.reshape(-1)

    def _per_sample(self, scores: Tensor, labels: Tensor, weight: Tensor | None) -> Tensor:
        """Loss per sample, shape (samples,); class weights enter here only with label smoothing."""
        classes = None
        if self.m is not None:
            classes = select_m(scores, labels, self.m)
            scores, labels = scores.gather(1, classes), torch.zeros_like(labels)
        if not self.label_smoothing:
            return self._of_label(scores, labels)
        losses = self._of_every_class(scores)
        if weight is not None:
            losses = losses * (weight if classes is None else weight.take(classes))
        own = losses.gather(1, labels.unsqueeze(1)).squeeze(1)
        return (1 - self.label_smoothing) * own + self.label_smoothing * losses.mean(1)

    def _of_label(self, scores: Tensor, labels: Tensor) -> Tensor:
        if self.is_cross_entropy:
            return F.cross_entropy(scores, labels, reduction="none")
        ranks = self.sorter._column(scores, labels, self.k)  # rank_probabilities, less its checks
        q = (ranks * self._rank_weights(scores)).sum(1)  # a matrix product would fall prey to autocast
        return self._combine(F.cross_entropy(scores, labels, reduction="none"), q)

    def _of_every_class(self, scores: Tensor) -> Tensor:
        cross_entropy = -scores.log_softmax(1)
        if self.is_cross_entropy:
            return cross_entropy
        return self._combine(cross_entropy, self.sorter.class_probabilities(scores, self._rank_weights(scores)))

    def _combine(self, cross_entropy: Tensor, q: Tensor) -> Tensor:
        """The loss from its two parts, equal in shape: -log softmax(s)_y and q = Σ_r w_r P[r, y]."""
        first = self.p_k[0]
        log_q = q.clamp(min=torch.finfo(q.dtype).tiny).log()
        if self.top1_mode == "smce" and first > 0:
            return first * cross_entropy + (1 - first) * self._floored(log_q)
        if self.top1_mode == "sm" and first > 0:
            log_q = torch.logaddexp(math.log(first) - cross_entropy, log_q)
        return self._floored(log_q)

    def _floored(self, log_q: Tensor) -> Tensor:
        return -torch.log(log_q.exp() * (1 - 2 * self.eps) + self.eps) if self.eps else -log_q

    def _rank_weights(self, like: Tensor) -> Tensor:
        """`rank_weights` as a tensor; kept as a non-persistent buffer, so that a GPU waits for it only once."""
        kept = self._buffers.get("_rank_weight_table")
        if kept is None or kept.device != like.device or kept.dtype != like.dtype:
            kept = torch.tensor(self.rank_weights, dtype=like.dtype, device=like.device)
            if type(kept) is Tensor and not torch.compiler.is_compiling():
                self.register_buffer("_rank_weight_table", kept, persistent=False)
        return kept


def topk_cross_entropy(
    logits: Tensor,
    target: Tensor,
    p_k: Sequence[float] = UNIFORM_5,
    sorter: Sorter | None = None,
    m: int | None = None,
    top1_mode: str = "sm",
    reduction: str = "mean",
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    eps: float = 1e-7,
) -> Tensor:
    """The functional twin of `TopKCrossEntropyLoss`: same arguments, shapes, errors and value."""
    sorter = _default_sorter() if sorter is None else sorter
    settings = (p_k, sorter, m, top1_mode, reduction, weight, ignore_index, label_smoothing, eps)
    return TopKCrossEntropyLoss(*settings)(logits, target)


@functools.lru_cache(maxsize=1)
def _default_sorter() -> Sorter:
    return SortingNetwork()


def _between(name: str, value: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number between 0 and {high:g}, got {value!r}")
    if not 0 <= value <= high:
        raise ValueError(f"{name} must be between 0 and {high:g}, got {value!r}")
    return float(value)
