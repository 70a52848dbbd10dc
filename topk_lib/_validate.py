"""Argument checks shared by the public entries: every error names the argument, its value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real

import torch

from .transforms import is_readable


def positive_real(name: str, value: float) -> float:
    """Return ``value`` as a float; raise unless it is a finite real number above zero."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a positive number, got {value!r} ({type(value).__name__})")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive and finite, got {value!r}")
    return float(value)


def positive_scalar(name: str, value: float | torch.Tensor) -> float | torch.Tensor:
    """Return a finite real number above zero as a float, or a 0-dimensional floating-point tensor as it is.

    The value of a tensor is read where that is free.
    """
    if not isinstance(value, torch.Tensor):
        return positive_real(name, value)
    if value.ndim or not value.is_floating_point():
        raise TypeError(
            f"{name} must be a positive number or a floating-point tensor of no dimension, "
            f"got {value.dtype} of shape {tuple(value.shape)}"
        )
    if is_readable(value):
        positive_real(name, value.item())
    return value


def integer(name: str, value: int, low: int, high: int | None = None) -> int:
    """Return ``value`` as an int; raise unless ``low <= value`` (and ``value <= high`` if given)."""
    if isinstance(value, torch.SymInt):
        return value
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an int, got {value!r} ({type(value).__name__})")
    if value < low or (high is not None and value > high):
        allowed = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return int(value)


def instance(name: str, value: object, of: type) -> object:
    """Return ``value``; raise unless it is an instance of ``of``."""
    if not isinstance(value, of):
        raise TypeError(f"{name} must be a {of.__name__}, got {value!r}")
    return value


def choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """Return ``value``; raise unless it is one of ``allowed``."""
    allowed = tuple(allowed)
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def real(name: str, value: float, low: float, high: float) -> float:
    """Return ``value`` as a float; raise unless it is a number between ``low`` and ``high``."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number between {low:g} and {high:g}, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, got {value!r}")
    return float(value)


def distribution_over_k(name: str, value: Sequence[float]) -> tuple[float, ...]:
    """Return P_K as a tuple of floats; raise unless it is a probability vector over k = 1, 2, …"""
    try:
        value = value if isinstance(value, str) else tuple(value)
        if any(isinstance(p, bool | str) for p in value):
            raise TypeError("neither texts nor truth values are probabilities")
        p_k = tuple(float(p) for p in value)
    except TypeError as error:
        raise TypeError(f"{name} must be a sequence of probabilities, got {value!r}") from error
    if not p_k:
        raise ValueError(f"{name} must hold at least one probability, got {value!r}")
    if not all(math.isfinite(p) and p >= 0 for p in p_k):
        raise ValueError(f"{name} must hold finite probabilities >= 0, got {list(p_k)}")
    if abs(math.fsum(p_k) - 1) > 1e-6:
        raise ValueError(f"{name} must sum to 1, got {list(p_k)} (sum {math.fsum(p_k):g})")
    return p_k


def scores_tensor(name: str, value: torch.Tensor) -> torch.Tensor:
    """Return ``value``; raise unless it is a floating-point tensor of shape (..., n) with n >= 1."""
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{name} must be floating point, got {value.dtype}")
    if value.ndim == 0 or value.shape[-1] == 0:
        raise ValueError(f"{name} must have shape (..., n) with n >= 1, got {tuple(value.shape)}")
    return value


def class_indices(
    name: str, value: torch.Tensor, shape: Sequence[int], classes: int, ignore_index: int | None = None
) -> torch.Tensor:
    """Return ``value``; raise unless it holds class indices of the given shape.

    The range is read on the CPU only: on an accelerator that would stall the device, and under ``torch.compile``,
    ``torch.func`` or fake tensors there are no values to read. There an index out of range fails in the
    gather that uses it, as it does in ``torch.nn.functional.cross_entropy``.
    """
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a torch.Tensor of class indices, got {type(value).__name__}")
    if value.is_floating_point() or value.is_complex() or value.dtype == torch.bool:
        raise TypeError(f"{name} must hold integer class indices, got {value.dtype}")
    if tuple(value.shape) != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)} to match the scores, got {tuple(value.shape)}")
    if is_readable(value):
        _check_range(name, value, classes, ignore_index)
    return value.long()


def probabilities(name: str, value: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Return ``value``, a floating-point tensor; raise unless it has the given shape and, read on the CPU, no value
    below zero. As in cross_entropy, nothing need sum to 1."""
    if tuple(value.shape) != tuple(shape):
        raise ValueError(
            f"{name} must hold integer class indices, or probabilities of the logits' shape {tuple(shape)}, "
            f"got {value.dtype} of shape {tuple(value.shape)}"
        )
    if is_readable(value) and value.numel() and value.min() < 0:
        raise ValueError(f"{name} must hold probabilities >= 0, got {value.min().item():g}")
    return value


def _check_range(name: str, value: torch.Tensor, classes: int, ignore_index: int | None) -> None:
    if value.numel() == 0 or (value.min() >= 0 and value.max() < classes):
        return
    outside = (value < 0) | (value >= classes)
    if ignore_index is not None:
        outside &= value != ignore_index
    bad = value[outside].flatten()[:1].tolist()
    if bad:
        also = "" if ignore_index is None else f" (or ignore_index={ignore_index})"
        raise ValueError(f"{name} must be between 0 and {classes - 1}{also}, got {bad[0]}")


def working_precision(scores: torch.Tensor) -> torch.Tensor:
    """Half-precision scores as float32 (comparators are never run in half precision), others as they are."""
    return scores.float() if scores.dtype in (torch.float16, torch.bfloat16) else scores
