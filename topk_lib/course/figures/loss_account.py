"""How a top-k loss comes about for one sample: every number between the scores and the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ...losses import TopKCrossEntropyLoss
from ...losses.selection import select_m
from ...sorters import Sorter, SortingNetwork


@dataclass(frozen=True, eq=False)
class LossAccount:
    """One loss on one sample, taken apart.

    Attributes:
        setting: sorter and its softness in words, and on a second line the settings of the loss.
        kept: indices of the classes that enter the loss, in that order; all but m-selection keeps all.
        P: rows of the soft permutation that the loss asks for, shape (k, n), NaN for classes left out; no rows
            where the loss is cross-entropy.
        softmax: shape (n,), NaN for classes left out.
        softmax_weight: of the softmax; 0 where it plays no part.
        rank_weights: shape (k,), of the rows of P.
        chance: what stands under the logarithm; for "smce", of the part with the sorter.
        sum: the loss written with its numbers.
        loss: its value.
        gradient: shape (n,), with respect to the scores.
    """

    setting: str
    kept: tuple[int, ...]
    P: np.ndarray
    softmax: np.ndarray
    softmax_weight: float
    rank_weights: np.ndarray
    chance: float
    sum: str
    loss: float
    gradient: np.ndarray


def account_of(loss: TopKCrossEntropyLoss, scores: np.ndarray, label: int) -> LossAccount:
    """Takes the loss of one sample apart.

    Args:
        loss: without class weights and label smoothing.
        scores: shape (n,).
        label: index of the class that is right.

    Raises:
        ValueError: the loss has class weights or label smoothing, or does not fit n classes.
    """
    if loss.weight is not None or loss.label_smoothing:
        raise ValueError("loss must have neither class weights nor label smoothing to be taken apart")
    value, gradient = _value_and_gradient(loss, scores, label)
    s, y = torch.tensor(scores, dtype=torch.float64), torch.tensor(label)
    kept = torch.arange(len(s)) if loss.m is None else select_m(s[None], y[None], loss.m)[0]
    with torch.no_grad():
        P = s.new_zeros(0, len(kept)) if loss.is_cross_entropy else loss.sorter(s[kept], loss.k)
    softmax, weights = s[kept].softmax(0), s.new_tensor(loss.rank_weights[: len(P)])
    column = int((kept == y).nonzero())
    share = 1.0 if loss.is_cross_entropy else loss.p_k[0] * (loss.top1_mode != "sort")
    first, beyond = softmax[column].item(), (weights @ P[:, column]).item()
    chance = share * first + beyond if loss.top1_mode == "sm" or loss.is_cross_entropy else beyond
    place = _placed(len(s), kept)
    return LossAccount(
        f"{sorter_in_words(loss.sorter)}\n{_loss_in_words(loss)}",
        tuple(kept.tolist()),
        place(P),
        place(softmax),
        share,
        weights.numpy(),
        chance,
        _sum_in_words(loss, first, chance, value),
        value,
        gradient,
    )


def sorter_in_words(sorter: Sorter) -> str:
    """The sorter and its softness, for example ``bitonic network, β = 2, cauchy``."""
    if isinstance(sorter, SortingNetwork):
        art = f" λ = {sorter.art_lambda:g}" if sorter.distribution == "logistic_phi" else ""
        softens = sorter.distribution.replace("_", " ") + art
        return f"{sorter.kind.replace('_', ' ')}, β = {sorter.steepness:.3g}, {softens}"
    return f"{type(sorter).__name__}, τ = {sorter.temperature:.3g}"


def chances_in_words(p_k: Sequence[float]) -> str:
    """P_K as the paper writes it, for example ``[.5, 0, 0, 0, .5]``."""
    return f"[{', '.join(f'{p:g}'.removeprefix('0') or '0' for p in p_k)}]"


def eps_in_words(eps: float) -> str:
    """A small number without a needless zero, for example ``1e-7``."""
    return f"{eps:g}".replace("e-0", "e-")


def _loss_in_words(loss: TopKCrossEntropyLoss) -> str:
    kept = "all classes" if loss.m is None else f"m = {loss.m}"
    return f"P_K = {chances_in_words(loss.p_k)}, {loss.top1_mode}, {kept}, eps = {eps_in_words(loss.eps)}"


def _sum_in_words(loss: TopKCrossEntropyLoss, first: float, chance: float, value: float) -> str:
    total = f"{value:.3f}".replace("-", "−")
    if loss.is_cross_entropy:
        return f"loss = −log {_small(first)} = {total}"
    if loss.top1_mode == "smce" and loss.p_k[0] > 0:
        share = loss.p_k[0]
        return f"loss = {share:g} · (−log {_small(first)}) + {1 - share:g} · g({_small(chance)}) = {total}"
    return f"loss = g({_small(chance)}) = {total}"


def _small(chance: float) -> str:
    return f"{chance:.3f}" if chance >= 0.001 else f"{chance:.1e}"


def _value_and_gradient(loss: TopKCrossEntropyLoss, scores: np.ndarray, label: int) -> tuple[float, np.ndarray]:
    with torch.enable_grad():
        s = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
        value = loss(s, torch.tensor(label))
        (gradient,) = torch.autograd.grad(value, s)
    return value.item(), gradient.numpy()


def _placed(n: int, kept: torch.Tensor):
    """Puts the columns of the kept classes where all n classes stand."""

    def place(values: torch.Tensor) -> np.ndarray:
        full = torch.full((*values.shape[:-1], n), torch.nan, dtype=torch.float64)
        full[..., kept] = values.double()
        return full.numpy()

    return place
