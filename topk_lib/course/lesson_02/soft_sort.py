"""Exercise 2.1: SoftSort by hand."""

from __future__ import annotations

from ...experiments.example import scores
from .. import naive
from ..checks import Checks, Instead, agrees
from .matrices import BEST_FIRST, CASE, CASES, ROWS_SUM_TO_ONE, WARMER_IS_FLATTER

CHECKS = Checks(
    reference=naive.soft_sort_matrix,
    cases=CASES,
    case=CASE,
    properties={
        **ROWS_SUM_TO_ONE,
        **BEST_FIRST,
        "the first row is softmax(scores / temperature)": agrees(
            [(scores(), 0.5)], lambda s, temperature: (s / temperature).softmax(0), of=lambda P: P[0], case=""
        ),
        **WARMER_IS_FLATTER,
        "every entry is the formula's": agrees(CASES),
    },
    mistakes={
        "P transposed": Instead("dim=1)", "dim=1).T"),
        "softmax down the columns": Instead("dim=1)", "dim=0)"),
        "ranks run worst-first": Instead("descending=True", "descending=False"),
        "the temperature forgotten": Instead(" / temperature", ""),
        "steepness taken for temperature": Instead("/ temperature", "* temperature"),
        "the minus sign lost": Instead("-distances", "distances"),
    },
)
