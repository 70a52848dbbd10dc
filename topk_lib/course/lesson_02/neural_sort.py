"""Exercise 2.2: NeuralSort by hand."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..comparing import agrees, imitates
from ..example import scores
from ..grading import Exercise, Mistake, Property
from .matrices import BEST_FIRST, ROWS_SUM_TO_ONE, WARMER_IS_FLATTER, case_name, cases


def _sorts(attempt: Attempt) -> str | None:
    P = attempt.tensor(scores(), 1.0, shape=(6, 6))
    ranked = P @ scores().double()
    shown = ", ".join(f"{x + 0.0:.2f}" for x in ranked.tolist())
    return None if (ranked.diff() < 0).all() else f"P @ scores is {shown}"


def _logits(s: torch.Tensor, first_rank: int = 1, minus_sums: bool = True) -> torch.Tensor:
    n = len(s)
    rank = torch.arange(first_rank, first_rank + n)
    sums = (s[:, None] - s).abs().sum(dim=0)
    return (n + 1 - 2 * rank)[:, None] * s - minus_sums * sums


NEURAL_SORT = Exercise(
    id="2.2",
    title="NeuralSort by hand",
    difficulty="medium",
    minutes=12,
    task=(
        "Write `neural_sort_matrix(scores, temperature)` for one sample. Row $r$ of NeuralSort's matrix, "
        "$r = 1 \\dots n$, is the softmax over $j$ of $\\big((n + 1 - 2r)\\,s_j - \\sum_l |s_j - s_l|\\big) / \\tau$."
    ),
    requirements=(
        "`scores` is a tensor of shape `(n,)`; `temperature` is $\\tau$, a positive number.",
        "Return P of shape `(n, n)`: rows are ranks, best first; columns are classes, in the order of `scores`.",
        "Compute the logits of all rows first, then take one softmax.",
    ),
    why="Nothing is sorted here, and yet the rows come out ranked: a formula for the r-th largest, not an algorithm.",
    hints=(
        "The sum over l belongs to class j alone. Compute it once, as a vector with one number per class.",
        "The factor n + 1 - 2r belongs to the row alone: n - 1 for the best rank, 1 - n for the worst.",
        "Factor as a column times scores as a row gives the first part, shape (n, n); subtract the sums from each row.",
    ),
    takeaway=(
        "Seen from its rank, the gap to the next class counts once, the one after it three times, then five: "
        "distant classes fade faster than in SoftSort."
    ),
    reference=naive.neural_sort_matrix,
    imports="import torch",
    properties=(
        ROWS_SUM_TO_ONE,
        BEST_FIRST,
        Property("P @ scores falls from rank to rank", _sorts),
        WARMER_IS_FLATTER,
        Property("every entry is the formula's", agrees(naive.neural_sort_matrix, cases, case_name)),
    ),
    mistakes=(
        Mistake(
            "P transposed",
            "Your matrix is right but for its sides: rows should be ranks, and columns classes.",
            imitates(lambda s, t: torch.softmax(_logits(s) / t, dim=1).T, cases),
        ),
        Mistake(
            "softmax down the columns",
            "Your columns sum to 1, and your rows do not. Each row is a softmax of its own: dim=1.",
            imitates(lambda s, t: torch.softmax(_logits(s) / t, dim=0), cases),
        ),
        Mistake(
            "ranks run worst-first",
            "Your first row is the worst rank. The best rank is r = 1, with the factor n - 1.",
            imitates(lambda s, t: torch.softmax(_logits(s) / t, dim=1).flip(0), cases),
        ),
        Mistake(
            "ranks counted from 0",
            "Your factors begin with n + 1. The formula counts ranks from 1, so they run from n - 1 down to 1 - n.",
            imitates(lambda s, t: torch.softmax(_logits(s, first_rank=0) / t, dim=1), cases),
        ),
        Mistake(
            "the temperature forgotten",
            "Your matrix is the same at every temperature. Divide the logits by it before the softmax.",
            imitates(lambda s, t: torch.softmax(_logits(s), dim=1), cases),
        ),
        Mistake(
            "the sums left out",
            "Your rows know only the best and the worst class. The sums of distances pull the middle ranks in.",
            imitates(lambda s, t: torch.softmax(_logits(s, minus_sums=False) / t, dim=1), cases),
        ),
    ),
)
