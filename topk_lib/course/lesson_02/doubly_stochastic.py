"""Exercise 2.3: reading row sums and column sums."""

from __future__ import annotations

import torch

from ...experiments.example import scores
from ...sorters import make_sorter
from .. import naive
from ..checks import Checks, agrees, judges, says

TOL = 1e-3
TRADED = torch.tensor([[1.2, -0.2], [-0.2, 1.2]])
MADE = {name: make_sorter(name)(scores()) for name in ("odd_even", "sinkhorn", "softsort", "neuralsort")}
SOFT, TURNED = (MADE["softsort"], TOL), (MADE["softsort"].T, TOL)
ONE_SIDED = ("softsort", "neuralsort")
SUMS = [(total * torch.eye(3), tol) for total in (0.995, 1.005) for tol in (1e-3, 1e-2)]


def _sums(total: float) -> list[tuple]:
    return [(total * torch.eye(3), TOL)]


CHECKS = Checks(
    reference=naive.is_doubly_stochastic,
    properties={
        "True for a hard permutation": says(True, [("a hard permutation", torch.eye(4)[[2, 0, 3, 1]], TOL)]),
        "True for an odd-even network and for Sinkhorn": says(
            True, [(name, MADE[name], TOL) for name in ("odd_even", "sinkhorn")]
        ),
        "False for SoftSort and NeuralSort": says(False, [(name, MADE[name], TOL) for name in ONE_SIDED]),
        "False for their transposes, whose columns sum to 1 and rows do not": says(
            False, [(f"the transpose of {name}", MADE[name].T, TOL) for name in ONE_SIDED]
        ),
        "False for negative entries, even if all sums are 1": says(False, [("a negative entry", TRADED, TOL)]),
        "tol decides: sums of 0.995 and 1.005 pass at 0.01, not at 0.001": agrees(
            SUMS, case="sums of {P[0][0]:.3f}, tol = {tol:g}"
        ),
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
