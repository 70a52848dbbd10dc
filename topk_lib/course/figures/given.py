"""What figures are given, checked, and the short words in which they write numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from ... import _validate
from ...experiments.drawing.plane import minus

Matrix = Tensor | np.ndarray


def as_matrix(name: str, P: Matrix, names: Sequence[str]) -> np.ndarray:
    """P as a float64 array.

    Raises:
        ValueError: P is not of shape (k, n) with one column per name, or holds NaN or infinity.
    """
    array = np.asarray(P.detach().cpu() if isinstance(P, Tensor) else P, dtype=np.float64)
    n = len(names)
    if array.ndim != 2 or array.shape[1] != n or not 1 <= len(array) <= n:
        raise ValueError(f"{name} must have shape (k, {n}) with k from 1 to {n}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers, got {array[~np.isfinite(array)][0]}")
    return array


def as_scores(scores: Sequence[float], names: Sequence[str]) -> np.ndarray:
    """The scores as a float64 array.

    Raises:
        ValueError: there is not one finite score per name.
    """
    values = torch.as_tensor(scores, dtype=torch.float64).detach().cpu().numpy()
    if values.shape != (len(names),) or not np.isfinite(values).all():
        raise ValueError(f"scores must hold one finite number for each of {len(names)} names, got {scores!r}")
    return values


def class_index(argument: str, name: str, names: Sequence[str]) -> int:
    """The place of a class among the names.

    Raises:
        ValueError: naming the argument, where the name is none of them.
    """
    return list(names).index(_validate.choice(argument, name, names))


def check_count(argument: str, things: Sized, fewest: int, most: int, what: str) -> None:
    """Raises ValueError, naming the argument, unless it holds as many things as fit."""
    if not fewest <= len(things) <= most:
        raise ValueError(f"{argument} must hold {fewest} to {most} {what}, got {len(things)}")


def check_ascending(argument: str, values: Sequence[float]) -> None:
    """Raises ValueError, naming the argument, unless two values or more grow from one to the next."""
    if len(values) < 2 or any(low >= high for low, high in pairwise(values)):
        raise ValueError(f"{argument} must hold two or more numbers in ascending order, got {list(values)}")


def best_first(scores: Sequence[float]) -> list[int]:
    """Class indices in the order of their scores, best first."""
    return sorted(range(len(scores)), key=lambda j: -float(scores[j]))


def with_gradient(of: Callable[[Tensor], Tensor], at: Tensor) -> tuple[Tensor, Tensor]:
    """The value of a function at a tensor, and the gradient of its sum there, even inside `torch.no_grad`."""
    leaf = at.detach().clone().requires_grad_()
    with torch.enable_grad():
        value = of(leaf)
        (gradient,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach(), gradient


def cell_label(p: float) -> str:
    """Two decimals without the leading zero, and bare 0 and 1 where that is what two decimals say."""
    text = f"{p:.2f}"
    return {"0.00": "0", "-0.00": "0", "1.00": "1"}.get(text, text.replace("0.", ".", 1))


def number_label(value: float, decimals: int | None = None) -> str:
    """A score with so many decimals, or with one, or two where it has them; zero without a sign."""
    if decimals is None:
        decimals = 1 if abs(value - round(value, 1)) < 0.005 else 2
    text = f"{value:.{decimals}f}"
    return minus(text.lstrip("-") if float(text) == 0 else text)


def short(value: float) -> str:
    """A number between 0 and 1 in few letters: ".25", "0", "1"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.removeprefix("0") or "0"


def p_k_text(p_k: Sequence[float]) -> str:
    """P_K as the paper writes it, in few letters: "[.5, 0, 0, 0, .5]"."""
    return f"[{', '.join(map(short, p_k))}]"


def signed(value: float, digits: int) -> str:
    """A number with its sign, zero without."""
    text = minus(f"{value:+.{digits}f}")
    return text[1:] if float(text[1:]) == 0 else text


def count(number: int, noun: str) -> str:
    """The number with its noun."""
    return f"{number} {noun}" + "s" * (number != 1)
