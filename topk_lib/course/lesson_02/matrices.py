"""What the exercises on P have in common: the inputs to try, and properties of any soft sorting matrix."""

from __future__ import annotations

import torch

from ...experiments.example import NAMES, scores
from ..attempt import Attempt
from ..checks import agrees, holds

FIVE = torch.randn(5, generator=torch.Generator().manual_seed(0))
CASES = [(s, temperature) for s in (scores(), FIVE, FIVE[:1]) for temperature in (0.3, 1.0, 4.0)]
CASE = "{scores} at temperature {temperature:g}"


def _best_first(attempt: Attempt) -> str | None:
    P = attempt.tensor(scores(), 0.1)
    found, wanted = ([NAMES[int(j)] for j in best] for best in (P.argmax(dim=1), scores().argsort(descending=True)))
    return None if found == wanted else f"row by row: {', '.join(found)}; expected {', '.join(wanted)}"


ROWS_SUM_TO_ONE = {
    "every row of P sums to 1": agrees(
        CASES, lambda s, _: torch.ones(len(s)), of=lambda P: P.sum(dim=1), what="the row sums"
    )
}
BEST_FIRST = {"when P is nearly hard, its rows pick fox, wolf, dog, cat, car, ship": _best_first}
WARMER_IS_FLATTER = {
    "a higher temperature makes P flatter": holds(
        lambda cool, warm: warm < cool - 0.01,
        "the largest entry is {:.3f} at temperature 0.5 and {:.3f} at temperature 5",
        *[(scores(), temperature) for temperature in (0.5, 5.0)],
        of=torch.max,
    )
}
