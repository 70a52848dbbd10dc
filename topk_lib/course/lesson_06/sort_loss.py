"""Exercise 6.1: from the column of the label to the loss."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..checks import Checks, Test, agrees
from .samples import sample_name, samples

EPS = 1e-7


def sort_loss(P: torch.Tensor, label: int, p_k: list[float]) -> float:
    """The top-k loss in mode "sort": P of shape (n, n) with the best rank first, the label's index, P_K."""
    p_k = torch.tensor(p_k, dtype=P.dtype)
    q = P[: len(p_k), label].cumsum(0)
    chance = (p_k * q).sum()
    return -torch.log(chance * (1 - 2e-7) + 1e-7).item()


def _g(q: torch.Tensor) -> torch.Tensor:
    return -torch.log(q.double() * (1 - 2 * EPS) + EPS)


def _name(P: torch.Tensor, label: int, p_k: list[float]) -> str:
    return sample_name(len(P), p_k)


HARD = torch.eye(4)[[2, 0, 3, 1]]


def _costs(wanted: float, said: str, label: int, p_k: list[float]) -> Test:
    def test(attempt: Attempt) -> str | None:
        got = attempt.number(HARD, label, p_k)
        return None if abs(got - wanted) < 1e-3 else f"{said}: your loss is {got:.3f}, expected {wanted:.3f}"

    return test


def _weighted(P: torch.Tensor, label: int, p_k: list[float], of: Callable) -> float:
    return of(P[: len(p_k), label], torch.tensor(p_k, dtype=P.dtype)).item()


def _mistaken(of: Callable) -> Callable:
    return lambda P, label, p_k: _weighted(P, label, p_k, of)


CASES = [(P, label, p_k) for _, P, label, p_k in samples()]

CHECKS = Checks(
    reference=sort_loss,
    cases=CASES,
    properties={
        "a label that certainly has rank 1 costs nothing": _costs(0.0, "the label of rank 1", 2, [0.5, 0.5]),
        "rank 3 with P_K = [.25, .25, .5] is a hit half of the time: the loss is log 2": _costs(
            0.6931, "the label of rank 3", 3, [0.25, 0.25, 0.5]
        ),
        "a label that certainly has the last rank costs -log(eps) = 16.118": _costs(
            16.1181, "the label of the last rank", 1, [0.5, 0.5]
        ),
        "soft matrices give the formula's value": agrees(sort_loss, CASES, _name),
    },
    mistakes={
        "the row of the label": lambda P, label, p_k: _weighted(
            P.T, label, p_k, lambda c, p: _g((p * c.cumsum(0)).sum())
        ),
        "single ranks, not running sums": _mistaken(lambda c, p: _g((p * c).sum())),
        "sums from the wrong end": _mistaken(lambda c, p: _g((c * p.cumsum(0)).sum())),
        "one rank too few": _mistaken(lambda c, p: _g((p * (c.cumsum(0) - c)).sum())),
        "the logarithm inside the sum": _mistaken(lambda c, p: (p * _g(c.cumsum(0))).sum()),
        "the logarithm forgotten": _mistaken(lambda c, p: (p * c.cumsum(0)).sum()),
        "the minus sign forgotten": _mistaken(lambda c, p: -_g((p * c.cumsum(0)).sum())),
        "the floor forgotten": _mistaken(lambda c, p: -(p * c.cumsum(0)).sum().log()),
    },
)
