"""Exercise 2.1: SoftSort by hand."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees, difference
from ..example import scores
from .matrices import BEST_FIRST, ROWS_SUM_TO_ONE, WARMER_IS_FLATTER, case_name, cases


def _first_row_is_softmax(attempt: Attempt) -> str | None:
    P = attempt.tensor(scores(), 0.5, shape=(6, 6))
    return difference(P[0], torch.softmax(scores() / 0.5, dim=0))


def _logits(s: torch.Tensor, temperature: float, descending: bool = True) -> torch.Tensor:
    ranked = s.sort(descending=descending).values
    return -(ranked[:, None] - s).abs() / temperature


CHECKS = Checks(
    reference=naive.soft_sort_matrix,
    cases=cases,
    properties={
        **ROWS_SUM_TO_ONE,
        **BEST_FIRST,
        "the first row is softmax(scores / temperature)": _first_row_is_softmax,
        **WARMER_IS_FLATTER,
        "every entry is the formula's": agrees(naive.soft_sort_matrix, cases, case_name),
    },
    mistakes={
        "P transposed": lambda s, t: torch.softmax(_logits(s, t), dim=1).T,
        "softmax down the columns": lambda s, t: torch.softmax(_logits(s, t), dim=0),
        "ranks run worst-first": lambda s, t: torch.softmax(_logits(s, t, descending=False), dim=1),
        "the temperature forgotten": lambda s, t: torch.softmax(_logits(s, 1.0), dim=1),
        "steepness taken for temperature": lambda s, t: torch.softmax(_logits(s, 1 / t), dim=1),
        "the minus sign lost": lambda s, t: torch.softmax(-_logits(s, t), dim=1),
    },
)
