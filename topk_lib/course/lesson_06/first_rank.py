"""Exercise 6.2: the first rank by softmax, in two ways."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, each
from .samples import sample_name, samples


def loss_with_softmax(scores: torch.Tensor, P: torch.Tensor, label: int, p_k: list[float], mode: str) -> float:
    """The top-k loss in mode "sm" or "smce": scores (n,), P (n, n) best rank first, the label's index, P_K."""
    softmax = torch.softmax(scores, dim=0)[label]
    weights = torch.tensor(p_k, dtype=P.dtype)
    q = P[: len(p_k), label].cumsum(0)
    beyond = (weights * q)[1:].sum()
    if mode == "sm":
        return -torch.log(p_k[0] * softmax + beyond).item()
    return (-p_k[0] * torch.log(softmax) - (1 - p_k[0]) * torch.log(beyond)).item()


def _cases(*modes: str) -> list[tuple]:
    return [(s, P, label, p_k, mode) for s, P, label, p_k in samples() for mode in modes or ("sm", "smce")]


def _name(s: torch.Tensor, P: torch.Tensor, label: int, p_k: list[float], mode: str) -> str:
    return f"{sample_name(len(s), p_k)}, mode {mode}"


def _mistaken(of: Callable) -> Callable:
    """A wrong solution that takes of(softmax of the label, the q_k, P_K, mode) for softmax and b."""

    def wrong(s: torch.Tensor, P: torch.Tensor, label: int, p_k: list[float], mode: str) -> torch.Tensor:
        q = P[: len(p_k), label].cumsum(0)
        first, b = of(s.softmax(0)[label], q, torch.tensor(p_k, dtype=P.dtype), mode)
        return -torch.log(p_k[0] * first + b) if mode == "sm" else -p_k[0] * first.log() - (1 - p_k[0]) * b.log()

    return wrong


def _near(got: float, wanted: float) -> str | None:
    return None if abs(got - wanted) <= 1e-3 else f"your loss is {got:.3f}, expected {wanted:.3f}"


def _no_first_part(attempt: Attempt, s: torch.Tensor, P: torch.Tensor, label: int, _: list, mode: str) -> str | None:
    return _near(attempt.number(s, P, label, [0.0, 0.0, 1.0], mode), -P[:3, label].sum().log().item())


def _constant(attempt: Attempt) -> str | None:
    certain = torch.tensor([20.0, 0.0, -20.0])
    return _near(attempt.number(certain, torch.eye(3), 0, [0.5, 0.0, 0.5], "smce"), 0.5 * math.log(2))


CHECKS = Checks(
    reference=loss_with_softmax,
    cases=_cases,
    properties={
        "with P_K(1) = 0 both modes are -log q_k": each(
            _cases, lambda *case: f"P_K = [0, 0, 1], mode {case[-1]}", _no_first_part
        ),
        "mode sm gives the formula's value": agrees(loss_with_softmax, lambda: _cases("sm"), _name),
        "mode smce gives the formula's value": agrees(loss_with_softmax, lambda: _cases("smce"), _name),
        "a perfect prediction still costs 0.347 under smce with P_K = [.5, 0, .5]": _constant,
    },
    mistakes={
        "the two modes swapped": lambda *case: loss_with_softmax(*case[:-1], {"sm": "smce", "smce": "sm"}[case[-1]]),
        "the first rank counted twice": _mistaken(lambda f, q, p, mode: (f, (p * q).sum())),
        "rank 1 cut from the column": _mistaken(lambda f, q, p, mode: (f, (p * (q - q[0]))[1:].sum())),
        "P in place of softmax": _mistaken(lambda f, q, p, mode: (q[0], (p * q)[1:].sum())),
        "the inner weights renormalised": _mistaken(
            lambda f, q, p, mode: (f, (p * q)[1:].sum() / (1 - p[0] if mode == "smce" else 1))
        ),
        "the outer weight forgotten": _mistaken(  # of log b: it is undone by a power
            lambda f, q, p, mode: (f, (p * q)[1:].sum() ** (1 / (1 - p[0]) if mode == "smce" else 1))
        ),
    },
)
