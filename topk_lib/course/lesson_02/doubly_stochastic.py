"""Exercise 2.3: reading row sums and column sums."""

from __future__ import annotations

from functools import lru_cache

import torch

from ...sorters import make_sorter
from .. import naive
from ..attempt import Attempt
from ..example import scores
from ..grading import Exercise, Mistake, Property

TRADED = torch.tensor([[1.2, -0.2], [-0.2, 1.2]])


@lru_cache(maxsize=8)
def _of(sorter: str) -> torch.Tensor:
    return make_sorter(sorter)(scores())


def _judged(wanted: bool, *named: tuple[str, torch.Tensor]) -> object:
    def test(attempt: Attempt) -> str | None:
        for name, P in named:
            if attempt.truth(P, 1e-3) != wanted:
                return f"your function says {not wanted} for {name}"
        return None

    return test


def _of_sorters(wanted: bool, *sorters: str, transposed: bool = False) -> object:
    def test(attempt: Attempt) -> str | None:
        turned = "the transpose of " if transposed else ""
        named = [(f"{turned}{s}", _of(s).T if transposed else _of(s)) for s in sorters]
        return _judged(wanted, *named)(attempt)

    return test


def _tolerant(attempt: Attempt) -> str | None:
    for total in (0.995, 1.005):
        for tol in (1e-3, 1e-2):
            said = attempt.truth(total * torch.eye(3), tol)
            if said != (tol == 1e-2):
                return f"your function says {said} for sums of {total} and tol = {tol:g}"
    return None


def _accepts(attempt: Attempt, P: torch.Tensor) -> bool:
    return attempt.truth(P, 1e-3)


DOUBLY_STOCHASTIC = Exercise(
    id="2.3",
    title="Doubly stochastic or not?",
    difficulty="easy",
    minutes=6,
    task=(
        "A matrix is doubly stochastic if no entry is negative and every row and every column sums to 1. "
        "Write `is_doubly_stochastic(P, tol)`."
    ),
    requirements=(
        "`P` has shape `(n, n)`; `tol` is how far a sum may be from 1, in either direction.",
        "Return `True` or `False`.",
        "Then try it on the matrices of this lesson: `topk_lib.SoftSort()(scores())` and the others.",
    ),
    why="Where a column does not sum to 1, a class gets more or less than one rank in all, and a 'chance' can pass 1.",
    hints=(
        "There are three things to check, and a matrix can fail any one of them alone.",
        "P.sum(dim=1) holds the row sums and P.sum(dim=0) the column sums. Look at their largest distance from 1.",
    ),
    takeaway="Networks and Sinkhorn are doubly stochastic; SoftSort and NeuralSort promise their rows only.",
    reference=naive.is_doubly_stochastic,
    imports="import torch",
    properties=(
        Property("True for a hard permutation", _judged(True, ("a hard permutation", torch.eye(4)[[2, 0, 3, 1]]))),
        Property("True for an odd-even network and for Sinkhorn", _of_sorters(True, "odd_even", "sinkhorn")),
        Property("False for SoftSort and NeuralSort", _of_sorters(False, "softsort", "neuralsort")),
        Property(
            "False for their transposes, whose columns sum to 1 and rows do not",
            _of_sorters(False, "softsort", "neuralsort", transposed=True),
        ),
        Property("False for negative entries, even if all sums are 1", _judged(False, ("a negative entry", TRADED))),
        Property("tol decides: sums of 0.995 and 1.005 pass at 0.01, not at 0.001", _tolerant),
    ),
    mistakes=(
        Mistake(
            "row sums only",
            "You look at the rows, and those of every soft sort sum to 1. Columns are P.sum(dim=0).",
            lambda attempt: _accepts(attempt, _of("softsort")) and not _accepts(attempt, _of("softsort").T),
        ),
        Mistake(
            "column sums only",
            "You look at the columns. Rows, which are P.sum(dim=1), have to sum to 1 as well.",
            lambda attempt: _accepts(attempt, _of("softsort").T) and not _accepts(attempt, _of("softsort")),
        ),
        Mistake(
            "the sum of all entries",
            "You look at the total or the mean of the sums. Too much here and too little there cancel: check each sum.",
            lambda attempt: _accepts(attempt, _of("softsort")) and _accepts(attempt, _of("softsort").T),
        ),
        Mistake(
            "one direction only",
            "Sums below 1 pass, however small. Take the absolute value of the distance from 1.",
            lambda attempt: _accepts(attempt, 0.9 * torch.eye(3)) and not _accepts(attempt, 1.1 * torch.eye(3)),
        ),
        Mistake(
            "sums compared with ==",
            "Sums of rounded numbers are hardly ever exactly 1. Compare their distance from 1 with tol.",
            lambda attempt: not _accepts(attempt, (1 + 1e-6) * torch.eye(3)) and _accepts(attempt, torch.eye(3)),
        ),
        Mistake(
            "negative entries let through",
            "Your sums are right, but a chance cannot be negative: look at the smallest entry too.",
            lambda attempt: _accepts(attempt, TRADED),
        ),
    ),
)
