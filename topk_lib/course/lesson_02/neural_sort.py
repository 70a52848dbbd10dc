"""Exercise 2.2: NeuralSort by hand."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees
from ..example import scores
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


CHECKS = Checks(
    reference=naive.neural_sort_matrix,
    cases=cases,
    properties={
        **ROWS_SUM_TO_ONE,
        **BEST_FIRST,
        "P @ scores falls from rank to rank": _sorts,
        **WARMER_IS_FLATTER,
        "every entry is the formula's": agrees(naive.neural_sort_matrix, cases, case_name),
    },
    mistakes={
        "P transposed": lambda s, t: torch.softmax(_logits(s) / t, dim=1).T,
        "softmax down the columns": lambda s, t: torch.softmax(_logits(s) / t, dim=0),
        "ranks run worst-first": lambda s, t: torch.softmax(_logits(s) / t, dim=1).flip(0),
        "ranks counted from 0": lambda s, t: torch.softmax(_logits(s, first_rank=0) / t, dim=1),
        "the temperature forgotten": lambda s, t: torch.softmax(_logits(s), dim=1),
        "the sums left out": lambda s, t: torch.softmax(_logits(s, minus_sums=False) / t, dim=1),
    },
)
