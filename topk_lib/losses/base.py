"""What all losses have in common: where they are registered, and the settings that torch's cross-entropy has too."""

from __future__ import annotations

import functools
from typing import Any

from torch import Tensor, nn

from .. import _validate
from ..registry import Builders
from ..settings import Checks

LOSSES: Builders[nn.Module] = Builders("loss")
"""Every loss by the name that the command line uses. A new one is decorated with `LOSSES.register`."""

LOSSES.register("ce", "cross-entropy", hidden=("size_average", "reduce"))(nn.CrossEntropyLoss)

REDUCTIONS = ("none", "mean", "sum")


def _class_weights(name: str, value: Any) -> Tensor | None:
    if value is not None and not (isinstance(value, Tensor) and value.is_floating_point() and value.ndim == 1):
        raise TypeError(f"{name} must be a floating-point tensor of shape (n,), got {value!r}")
    return value


def _index(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, got {value!r}")
    return value


LIKE_CROSS_ENTROPY: Checks = {
    "reduction": functools.partial(_validate.choice, allowed=REDUCTIONS),
    "weight": _class_weights,
    "ignore_index": _index,
}
"""Checks of the settings that a loss shares with `torch.nn.CrossEntropyLoss`."""
