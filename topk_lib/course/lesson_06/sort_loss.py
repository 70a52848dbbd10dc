"""Exercise 6.1: from the column of the label to the loss."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..comparing import agrees, imitates
from ..grading import Exercise, Mistake, Property
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


def _cases() -> list[tuple]:
    return [(P, label, p_k) for _, P, label, p_k in samples()]


def _name(P: torch.Tensor, label: int, p_k: list[float]) -> str:
    return sample_name(len(P), p_k)


def _of(P: torch.Tensor, label: int, p_k: list[float], wanted: float, said: str) -> Callable[[Attempt], str | None]:
    def test(attempt: Attempt) -> str | None:
        got = attempt.number(P, label, p_k)
        return None if abs(got - wanted) < 1e-3 else f"{said}: your loss is {got:.3f}, expected {wanted:.3f}"

    return test


def _weighted(P: torch.Tensor, label: int, p_k: list[float], of: Callable) -> float:
    return of(P[: len(p_k), label], torch.tensor(p_k, dtype=P.dtype)).item()


def _imitates(of: Callable) -> Callable[[Attempt], bool]:
    return imitates(lambda P, label, p_k: _weighted(P, label, p_k, of), _cases)


SORT_LOSS = Exercise(
    id="6.1",
    title="From a column to the loss",
    difficulty="medium",
    minutes=10,
    task=(
        "Write `sort_loss(P, label, p_k)`, the loss of one sample in mode *sort*: "
        "$g\\big(\\sum_k P_K(k)\\, q_k\\big)$ with $q_k = \\sum_{r \\le k} P_{r,y}$ and "
        "$g(q) = -\\log(q\\,(1 - 2\\epsilon) + \\epsilon)$, $\\epsilon = 10^{-7}$."
    ),
    requirements=(
        "`P` has shape `(n, n)`: rows are ranks, best first; columns are classes. `label` is an index.",
        "`p_k` is a list: `p_k[0]` is P_K(1), and so on. It may be shorter than `n`.",
        "Return a number.",
    ),
    why="This is the whole loss: two sums over one column, and one logarithm.",
    hints=(
        "Only one column of P matters. How many of its entries, counted from the top, belong to q_3?",
        "The q_k are running sums down the column: cumsum. Weigh them with p_k and add.",
        "Take the logarithm last, of the one number that is left. A chance of 0 must give 16.118, not infinity.",
    ),
    takeaway="The loss reads one column of P: that is why the library never builds the other columns.",
    reference=sort_loss,
    imports="import torch",
    properties=(
        Property(
            "a label that certainly has rank 1 costs nothing",
            _of(torch.eye(4)[[2, 0, 3, 1]], 2, [0.5, 0.5], 0.0, "the label of rank 1"),
        ),
        Property(
            "rank 3 with P_K = [.25, .25, .5] is a hit half of the time: the loss is log 2",
            _of(torch.eye(4)[[2, 0, 3, 1]], 3, [0.25, 0.25, 0.5], 0.6931, "the label of rank 3"),
        ),
        Property(
            "a label that certainly has the last rank costs -log(eps) = 16.118",
            _of(torch.eye(4)[[2, 0, 3, 1]], 1, [0.5, 0.5], 16.1181, "the label of the last rank"),
        ),
        Property("soft matrices give the formula's value", agrees(sort_loss, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "the row of the label",
            "You read a row of P. Rows are ranks and columns are classes: the label's numbers are P[:, label].",
            imitates(
                lambda P, label, p_k: _weighted(P.T, label, p_k, lambda c, p: _g((p * c.cumsum(0)).sum())), _cases
            ),
        ),
        Mistake(
            "single ranks, not running sums",
            "You weigh the chance of rank k alone. Being among the top k means rank 1 or 2 or … or k: cumsum.",
            _imitates(lambda c, p: _g((p * c).sum())),
        ),
        Mistake(
            "sums from the wrong end",
            "Your running sums, or running weights, start at the far end. Rank 1 counts for every k, rank 5 for k = 5 "
            "alone.",
            _imitates(lambda c, p: _g((c * p.cumsum(0)).sum())),
        ),
        Mistake(
            "one rank too few",
            "Your q_k stops one rank early. q_1 is the first entry of the column: Python's P[:k] holds k entries.",
            _imitates(lambda c, p: _g((p * (c.cumsum(0) - c)).sum())),
        ),
        Mistake(
            "the logarithm inside the sum",
            "You average logarithms over k. The loss is the logarithm of the averaged chance: weigh and add first.",
            _imitates(lambda c, p: (p * _g(c.cumsum(0))).sum()),
        ),
        Mistake(
            "the logarithm forgotten",
            "You return the chance itself, which should be large. The loss is minus its logarithm.",
            _imitates(lambda c, p: (p * c.cumsum(0)).sum()),
        ),
        Mistake(
            "the minus sign forgotten",
            "Your numbers are right but negative. A logarithm of a chance is below zero; the loss is minus that.",
            _imitates(lambda c, p: -_g((p * c.cumsum(0)).sum())),
        ),
        Mistake(
            "the floor forgotten",
            "You are right wherever the chance is not 0. There the logarithm runs to infinity: put the chance through "
            "q * (1 - 2e-7) + 1e-7 first.",
            _imitates(lambda c, p: -(p * c.cumsum(0)).sum().log()),
        ),
    ),
)
