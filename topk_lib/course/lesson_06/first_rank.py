"""Exercise 6.2: the first rank by softmax, in two ways."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..comparing import agrees, imitates
from ..grading import Exercise, Mistake, Property
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


def _cases() -> list[tuple]:
    return [(s, P, label, p_k, mode) for s, P, label, p_k in samples() for mode in ("sm", "smce")]


def _cases_of(mode: str) -> Callable[[], list[tuple]]:
    return lambda: [case for case in _cases() if case[-1] == mode]


def _name(s: torch.Tensor, P: torch.Tensor, label: int, p_k: list[float], mode: str) -> str:
    return f"{sample_name(len(s), p_k)}, mode {mode}"


def _parts(s, P, label, p_k) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """softmax of the label, the q_k, P_K."""
    return s.softmax(0)[label], P[: len(p_k), label].cumsum(0), torch.tensor(p_k, dtype=P.dtype)


def _loss(first: torch.Tensor, beyond: torch.Tensor, share: float, mode: str) -> float:
    if mode == "sm":
        return -torch.log(share * first + beyond).item()
    return (-share * first.log() - (1 - share) * beyond.log()).item()


def _imitates(of: Callable) -> Callable[[Attempt], bool]:
    """Whether an attempt returns of(softmax_y, q, P_K, mode) in every case."""
    return imitates(lambda s, P, label, p_k, mode: of(*_parts(s, P, label, p_k), mode), _cases)


def _no_first_part(attempt: Attempt) -> str | None:
    for s, P, label, _ in samples():
        wanted = -P[:3, label].sum().log().item()
        for mode in ("sm", "smce"):
            got = attempt.number(s, P, label, [0.0, 0.0, 1.0], mode)
            if abs(got - wanted) > 1e-3:
                return f"P_K = [0, 0, 1], mode {mode}: your loss is {got:.3f}, expected {wanted:.3f}"
    return None


def _constant(attempt: Attempt) -> str | None:
    certain, P = torch.tensor([20.0, 0.0, -20.0]), torch.eye(3)
    got = attempt.number(certain, P, 0, [0.5, 0.0, 0.5], "smce")
    wanted = 0.5 * torch.tensor(2.0).log().item()
    return None if abs(got - wanted) < 1e-3 else f"your loss is {got:.3f}, expected {wanted:.3f}"


FIRST_RANK = Exercise(
    id="6.2",
    title="The first rank by softmax",
    difficulty="medium",
    minutes=12,
    task=(
        "Write `loss_with_softmax(scores, P, label, p_k, mode)`. With $q_k$ as in 6.1 and "
        "$b = \\sum_{k \\ge 2} P_K(k)\\,q_k$, mode `sm` is $-\\log\\big(P_K(1)\\operatorname{softmax}(s)_y + b\\big)$ "
        "and mode `smce` is $-P_K(1)\\log\\operatorname{softmax}(s)_y - (1 - P_K(1))\\log b$."
    ),
    requirements=(
        "`scores` has shape `(n,)`, `P` has shape `(n, n)` with the best rank first, `label` is an index.",
        '`mode` is `"sm"` or `"smce"`; leave the floor eps out.',
        "Return a number.",
    ),
    why="The authors' CIFAR script uses smce, this library sm unless told otherwise: do not compare their numbers.",
    hints=(
        "The two modes need the same three ingredients: softmax of the label, the sum b, and P_K(1).",
        "The sum b starts at k = 2, but each q_k in it still counts rank 1: cut after weighing, not in the column.",
        "Mode sm adds two chances and takes one logarithm; smce takes two logarithms and weighs them.",
    ),
    takeaway="Mode smce mixes two losses, sm mixes two chances: only sm and sort reach 0 at a perfect prediction.",
    reference=loss_with_softmax,
    imports="import torch",
    properties=(
        Property("with P_K(1) = 0 both modes are -log q_k", _no_first_part),
        Property("mode sm gives the formula's value", agrees(loss_with_softmax, _cases_of("sm"), _name)),
        Property("mode smce gives the formula's value", agrees(loss_with_softmax, _cases_of("smce"), _name)),
        Property("a perfect prediction still costs 0.347 under smce with P_K = [.5, 0, .5]", _constant),
    ),
    mistakes=(
        Mistake(
            "the two modes swapped",
            "Your formulas are right and stand under each other's names. sm has one logarithm, smce has two.",
            _imitates(lambda f, q, p, mode: _loss(f, (p * q)[1:].sum(), p[0], "sm" if mode == "smce" else "smce")),
        ),
        Mistake(
            "the first rank counted twice",
            "Your sum over k begins at 1, and then softmax comes on top. With softmax in place, begin at k = 2.",
            _imitates(lambda f, q, p, mode: _loss(f, (p * q).sum(), p[0], mode)),
        ),
        Mistake(
            "rank 1 cut from the column",
            "Your sums start at rank 2. Only k starts at 2: among the top k is rank 1 as well.",
            _imitates(lambda f, q, p, mode: _loss(f, (p * (q - q[0]))[1:].sum(), p[0], mode)),
        ),
        Mistake(
            "P in place of softmax",
            "You take the chance of rank 1 from P. In these two modes softmax(scores)[label] takes its place.",
            _imitates(lambda f, q, p, mode: _loss(q[0], (p * q)[1:].sum(), p[0], mode)),
        ),
        Mistake(
            "the inner weights renormalised",
            "You divide b by 1 - P_K(1). That would be tidier, but it is another loss: smce leaves b as it is.",
            _imitates(
                lambda f, q, p, mode: _loss(f, (p * q)[1:].sum() / (1 - p[0] if mode == "smce" else 1), p[0], mode)
            ),
        ),
        Mistake(
            "the outer weight forgotten",
            "In smce both logarithms carry a weight: P_K(1) the first, 1 - P_K(1) the second.",
            _imitates(
                lambda f, q, p, mode: (
                    _loss(f, (p * q)[1:].sum(), p[0], mode)
                    if mode == "sm"
                    else (-p[0] * f.log() - (p * q)[1:].sum().log()).item()
                )
            ),
        ),
    ),
)
