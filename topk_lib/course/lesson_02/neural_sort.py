"""Exercise 2.2: NeuralSort by hand."""

from __future__ import annotations

from ...experiments.example import scores
from .. import naive
from ..checks import Checks, Instead, agrees, holds
from .matrices import BEST_FIRST, CASE, CASES, ROWS_SUM_TO_ONE, WARMER_IS_FLATTER

CHECKS = Checks(
    reference=naive.neural_sort_matrix,
    cases=CASES,
    case=CASE,
    properties={
        **ROWS_SUM_TO_ONE,
        **BEST_FIRST,
        "P @ scores falls from rank to rank": holds(
            lambda ranked: (ranked.diff() < 0).all(),
            "P @ scores is {:.2f}",
            (scores(), 1.0),
            of=lambda P: P @ scores().double(),
        ),
        **WARMER_IS_FLATTER,
        "every entry is the formula's": agrees(CASES),
    },
    mistakes={
        "P transposed": Instead("dim=1)", "dim=1).T"),
        "softmax down the columns": Instead("dim=1)", "dim=0)"),
        "ranks run worst-first": Instead("dim=1)", "dim=1).flip(0)"),
        "ranks counted from 0": Instead("arange(1, n + 1)", "arange(n)"),
        "the temperature forgotten": Instead(" / temperature", ""),
        "the sums left out": Instead(" - sums[None, :]", ""),
    },
)
