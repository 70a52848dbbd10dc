"""What the exercises on P have in common: the inputs to try, and properties of any soft sorting matrix."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import difference, each
from ..example import NAMES, scores

TEMPERATURES = (0.3, 1.0, 4.0)


def cases() -> list[tuple]:
    """(scores, temperature): the six scores, five random ones, and one score alone."""
    five = torch.randn(5, generator=torch.Generator().manual_seed(0))
    return [(s, temperature) for s in (scores(), five, five[:1]) for temperature in TEMPERATURES]


def case_name(s: torch.Tensor, temperature: float) -> str:
    """Words for a case."""
    which = "the six scores" if len(s) == 6 else f"scores {[round(x, 2) for x in s.tolist()]}"
    return f"{which} at temperature {temperature:g}"


def _row_sums(attempt: Attempt, s: torch.Tensor, temperature: float) -> str | None:
    return difference(attempt.tensor(s, temperature, shape=(len(s), len(s))).sum(dim=1), torch.ones(len(s)))


def _best_first(attempt: Attempt) -> str | None:
    P = attempt.tensor(scores(), 0.1, shape=(6, 6))
    found = [NAMES[int(j)] for j in P.argmax(dim=1)]
    wanted = [NAMES[int(j)] for j in scores().argsort(descending=True)]
    return None if found == wanted else f"row by row: {', '.join(found)}; expected {', '.join(wanted)}"


def _warmer_is_flatter(attempt: Attempt) -> str | None:
    cool, warm = (attempt.tensor(scores(), t, shape=(6, 6)).max().item() for t in (0.5, 5.0))
    if warm < cool - 0.01:
        return None
    return f"the largest entry is {cool:.3f} at temperature 0.5 and {warm:.3f} at temperature 5"


ROWS_SUM_TO_ONE = {"every row of P sums to 1": each(cases, lambda *case: f"row sums of {case_name(*case)}", _row_sums)}
BEST_FIRST = {"when P is nearly hard, its rows pick fox, wolf, dog, cat, car, ship": _best_first}
WARMER_IS_FLATTER = {"a higher temperature makes P flatter": _warmer_is_flatter}
