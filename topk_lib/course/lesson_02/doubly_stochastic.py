"""Exercise 2.3: reading row sums and column sums."""

from __future__ import annotations

import torch

from ...sorters import make_sorter
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, judges, says
from ..example import scores

TOL = 1e-3
TRADED = torch.tensor([[1.2, -0.2], [-0.2, 1.2]])
SOFT, TURNED = [(P, TOL) for s in [make_sorter("softsort")(scores())] for P in (s, s.T)]


def _made_by(*sorters: str) -> list[tuple]:
    return [(name, make_sorter(name)(scores()), TOL) for name in sorters]


def _transposed(*sorters: str) -> list[tuple]:
    return [(f"the transpose of {name}", P.T, TOL) for name, P, _ in _made_by(*sorters)]


def _tolerant(attempt: Attempt) -> str | None:
    for total in (0.995, 1.005):
        for tol in (1e-3, 1e-2):
            said = attempt.truth(total * torch.eye(3), tol)
            if said != (tol == 1e-2):
                return f"your function says {said} for sums of {total} and tol = {tol:g}"
    return None


def _sums(total: float) -> list[tuple]:
    return [(total * torch.eye(3), TOL)]


CHECKS = Checks(
    reference=naive.is_doubly_stochastic,
    properties={
        "True for a hard permutation": says(True, [("a hard permutation", torch.eye(4)[[2, 0, 3, 1]], TOL)]),
        "True for an odd-even network and for Sinkhorn": says(True, _made_by("odd_even", "sinkhorn")),
        "False for SoftSort and NeuralSort": says(False, _made_by("softsort", "neuralsort")),
        "False for their transposes, whose columns sum to 1 and rows do not": says(
            False, _transposed("softsort", "neuralsort")
        ),
        "False for negative entries, even if all sums are 1": says(False, [("a negative entry", TRADED, TOL)]),
        "tol decides: sums of 0.995 and 1.005 pass at 0.01, not at 0.001": _tolerant,
    },
    mistakes={
        "row sums only": judges(yes=[SOFT], no=[TURNED]),
        "column sums only": judges(yes=[TURNED], no=[SOFT]),
        "the sum of all entries": judges(yes=[SOFT, TURNED]),
        "one direction only": judges(yes=_sums(0.9), no=_sums(1.1)),
        "sums compared with ==": judges(yes=_sums(1.0), no=_sums(1 + 1e-6)),
        "negative entries let through": judges(yes=[(TRADED, TOL)]),
    },
)
