"""What a loss does to a batch of logits: who still pulls, how soft the sort is, and what m cuts off."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from . import _validate
from .sorters import Relaxation

SILENT = 1e-3
"""A label whose gradient is smaller than this is silent; cross-entropy's goes up to 1."""
PART = 2048
"""Samples that are looked at together, to bound the memory that P takes."""


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found; None where a loss has no such thing.

    Attributes:
        silent: share of the samples whose label gets no gradient to speak of (below `SILENT`).
        lost: share of the samples whose label is beyond rank k and silent nevertheless: nothing helps them.
        pull: share of all labels' gradients that goes to labels of rank 1, 2 … k, k+1 … m, and beyond. Four numbers.
        top_mass: of the first k rows of P, the part that is on the k largest logits; 1 for a hard sort.
        hardness: of the first k rows of P, the mean entry at the class that has that rank; 1 for a hard sort.
        alpha: the probability that the larger of two logits comes first, at the median gap between neighbours among
            the k + 1 largest.
        beyond_m: share of the samples whose label is not among the m largest logits.
    """

    silent: float
    lost: float
    pull: tuple[float, ...]
    top_mass: float | None = None
    hardness: float | None = None
    alpha: float | None = None
    beyond_m: float | None = None

    def __str__(self) -> str:
        return str(Diagnoses({"": self}))


HEADINGS = {
    "silent": "silent",
    "lost": "lost",
    "pull": "pull of rank 1 / 2…k / …m / beyond",
    "top_mass": "mass on top k",
    "hardness": "hardness",
    "alpha": "α at a gap",
    "beyond_m": "beyond m",
}


class Diagnoses(dict[str, Diagnosis]):
    """Several by name; printed, they are a table."""

    def __str__(self) -> str:
        rows = [["", *HEADINGS.values()]]
        rows += [
            [name, *(_shown(getattr(each, field.name)) for field in fields(Diagnosis))] for name, each in self.items()
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(line.rstrip() for line in lines)


def diagnose(logits: Tensor, target: Tensor, loss: Any, k: int | None = None) -> Any:
    """Look at what a loss does to the logits of a network, at the start, after an epoch or at the end.

    Args:
        logits: shape (B, n), best some thousand of them: numbers are shares and means over samples.
        target: class indices, shape (B,).
        loss: any loss of class indices with ``reduction``, or a mapping from names to losses, to be compared.
        k: the label should be among so many; by default the loss's own k, or at most 5.

    Returns:
        A `Diagnosis`, or `Diagnoses` by name; print it.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.

    Example:
        >>> losses = {f"steepness {b}": TopKCrossEntropyLoss(sorter=SortingNetwork(steepness=b)) for b in (0.25, 1, 4)}
        >>> print(diagnose(model(images), labels, losses))
    """
    if isinstance(loss, Mapping):
        return Diagnoses({name: diagnose(logits, target, each, k) for name, each in loss.items()})
    logits = _validate.working_precision(_validate.scores_tensor("logits", logits)).detach()
    if logits.ndim != 2:
        raise ValueError(f"logits must have shape (B, n), got {tuple(logits.shape)}")
    target = _validate.class_indices("target", target, logits.shape[:1], logits.shape[1])
    if not isinstance(loss, nn.Module) or not hasattr(loss, "reduction"):
        raise TypeError(f"loss must be a loss with a reduction, or a mapping from names to losses, got {loss!r}")
    n = logits.shape[1]
    k = _wanted_k(loss, n) if k is None else _validate.integer("k", k, 1, n)
    m = getattr(loss, "m", None) or n
    pull = _in_parts(partial(_label_gradient, loss), logits, target)
    rank = (logits > logits.gather(1, target.unsqueeze(1))).sum(1) + 1
    total = pull.sum().clamp(min=torch.finfo(pull.dtype).tiny)
    groups = [(rank > low) & (rank <= high) for low, high in pairwise((0, 1, k, max(m, k), n))]
    return Diagnosis(
        silent=_share(pull < SILENT),
        lost=_share((pull < SILENT) & (rank > k)),
        pull=tuple(float(pull[group].sum() / total) for group in groups),
        beyond_m=_share(rank > m) if m < n else None,
        **_of_sorter(getattr(loss, "sorter", None), logits, target, k),
    )


def _wanted_k(loss: nn.Module, n: int) -> int:
    """The loss's own k; that of cross-entropy and its likes, 1, asks about no rank but the first."""
    k = int(getattr(loss, "k", 1))
    return min(5 if k == 1 else k, n)


def _share(which: Tensor) -> float:
    return float(which.double().mean())


def _in_parts(function: Callable[[Tensor, Tensor], Tensor], logits: Tensor, target: Tensor) -> Tensor:
    parts = zip(logits.split(PART), target.split(PART), strict=True)
    return torch.cat([function(scores, labels) for scores, labels in parts])


def _label_gradient(loss: nn.Module, scores: Tensor, target: Tensor) -> Tensor:
    """How strongly each label is pulled, (B,)."""
    summed = copy.copy(loss)
    vars(summed)["reduction"] = "sum"
    with torch.enable_grad():
        leaf = scores.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(summed(leaf, target), leaf)
    return gradient.gather(1, target.unsqueeze(1)).squeeze(1).abs()


def _of_sorter(sorter: Any, logits: Tensor, target: Tensor, k: int) -> dict[str, float]:
    if not isinstance(sorter, Relaxation):
        return {}

    @torch.no_grad()
    def of_part(scores: Tensor, _: Tensor) -> Tensor:
        rows, places = sorter.matrix(scores, k), scores.topk(k, 1).indices
        chosen = rows.gather(2, places.unsqueeze(1).expand(-1, k, -1))
        return torch.stack([chosen.sum((1, 2)) / k, chosen.diagonal(dim1=1, dim2=2).mean(1)], 1)

    top_mass, hardness = _in_parts(of_part, logits, target).double().mean(0).tolist()
    gaps = -logits.topk(min(k + 1, logits.shape[1]), 1).values.diff(dim=1)
    gap = gaps.median() if gaps.numel() else logits.new_zeros(())
    with torch.no_grad():
        alpha = sorter.matrix(torch.stack([gap, torch.zeros_like(gap)]), 1)[0, 0]
    return {"top_mass": top_mass, "hardness": hardness, "alpha": float(alpha)}


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, tuple):
        return " / ".join(f"{100 * part:.0f}" for part in value) + " %"
    return f"{100 * value:.1f} %"
