"""Exercise 2.1: SoftSort by hand."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..example import scores
from ..grading import Exercise, Mistake, Property
from .matrices import BEST_FIRST, ROWS_SUM_TO_ONE, WARMER_IS_FLATTER, case_name, cases


def _first_row_is_softmax(attempt: Attempt) -> str | None:
    P = attempt.tensor(scores(), 0.5, shape=(6, 6))
    return difference(P[0], torch.softmax(scores() / 0.5, dim=0))


def _logits(s: torch.Tensor, temperature: float, descending: bool = True) -> torch.Tensor:
    ranked = s.sort(descending=descending).values
    return -(ranked[:, None] - s).abs() / temperature


SOFT_SORT = Exercise(
    id="2.1",
    title="SoftSort by hand",
    difficulty="easy",
    minutes=8,
    task=(
        "Write `soft_sort_matrix(scores, temperature)` for one sample. With $s_{[r]}$ the $r$-th largest score, row "
        "$r$ of SoftSort's matrix is the softmax over $j$ of $-|s_{[r]} - s_j| / \\tau$."
    ),
    requirements=(
        "`scores` is a tensor of shape `(n,)`; `temperature` is $\\tau$, a positive number.",
        "Return P of shape `(n, n)`: rows are ranks, best first; columns are classes, in the order of `scores`.",
        "No loop is needed: `a[:, None] - b[None, :]` holds all differences of two vectors.",
    ),
    why="It is the shortest soft sort there is, and its first row is the softmax that you know.",
    hints=(
        "Sort the scores in descending order first. Each sorted score then makes one row.",
        "The table of distances has the sorted scores down its side and the scores as given along its top.",
        "Divide minus the distances by the temperature. The softmax runs along each row, which is dim=1.",
    ),
    takeaway="Each rank looks for the class whose score is nearest to its own; the temperature says how strictly.",
    reference=naive.soft_sort_matrix,
    imports="import torch",
    properties=(
        ROWS_SUM_TO_ONE,
        BEST_FIRST,
        Property("the first row is softmax(scores / temperature)", _first_row_is_softmax),
        WARMER_IS_FLATTER,
        Property("every entry is the formula's", agrees(naive.soft_sort_matrix, cases, case_name)),
    ),
    mistakes=(
        Mistake(
            "P transposed",
            "Your matrix is right but for its sides: rows should be ranks, and columns classes.",
            imitates(lambda s, t: torch.softmax(_logits(s, t), dim=1).T, cases),
        ),
        Mistake(
            "softmax down the columns",
            "Your columns sum to 1, and your rows do not. Each row is a softmax of its own: dim=1.",
            imitates(lambda s, t: torch.softmax(_logits(s, t), dim=0), cases),
        ),
        Mistake(
            "ranks run worst-first",
            "Your first row is the worst rank. Sort in descending order: the best comes first.",
            imitates(lambda s, t: torch.softmax(_logits(s, t, descending=False), dim=1), cases),
        ),
        Mistake(
            "the temperature forgotten",
            "Your matrix is the same at every temperature. Divide by it before the softmax.",
            imitates(lambda s, t: torch.softmax(_logits(s, 1.0), dim=1), cases),
        ),
        Mistake(
            "steepness taken for temperature",
            "You multiply by the temperature. A high temperature should bring scores together: divide.",
            imitates(lambda s, t: torch.softmax(_logits(s, 1 / t), dim=1), cases),
        ),
        Mistake(
            "the minus sign lost",
            "Your rows prefer the class that is farthest away. The nearest one needs the largest logit.",
            imitates(lambda s, t: torch.softmax(-_logits(s, t), dim=1), cases),
        ),
    ),
)
