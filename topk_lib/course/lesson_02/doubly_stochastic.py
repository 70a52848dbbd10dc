"""Exercise 2.3: reading row sums and column sums."""

from __future__ import annotations

from functools import lru_cache

import torch

from ...sorters import make_sorter
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, Sign
from ..example import scores

TRADED = torch.tensor([[1.2, -0.2], [-0.2, 1.2]])


@lru_cache(maxsize=8)
def _of(sorter: str) -> torch.Tensor:
    return make_sorter(sorter)(scores())


def _judged(wanted: bool, *named: tuple[str, torch.Tensor]) -> object:
    def test(attempt: Attempt) -> str | None:
        for name, P in named:
            if attempt.truth(P, 1e-3) != wanted:
                return f"your function says {not wanted} for {name}"
        return None

    return test


def _of_sorters(wanted: bool, *sorters: str, transposed: bool = False) -> object:
    def test(attempt: Attempt) -> str | None:
        turned = "the transpose of " if transposed else ""
        named = [(f"{turned}{s}", _of(s).T if transposed else _of(s)) for s in sorters]
        return _judged(wanted, *named)(attempt)

    return test


def _tolerant(attempt: Attempt) -> str | None:
    for total in (0.995, 1.005):
        for tol in (1e-3, 1e-2):
            said = attempt.truth(total * torch.eye(3), tol)
            if said != (tol == 1e-2):
                return f"your function says {said} for sums of {total} and tol = {tol:g}"
    return None


def _accepts(attempt: Attempt, P: torch.Tensor) -> bool:
    return attempt.truth(P, 1e-3)


CHECKS = Checks(
    reference=naive.is_doubly_stochastic,
    properties={
        "True for a hard permutation": _judged(True, ("a hard permutation", torch.eye(4)[[2, 0, 3, 1]])),
        "True for an odd-even network and for Sinkhorn": _of_sorters(True, "odd_even", "sinkhorn"),
        "False for SoftSort and NeuralSort": _of_sorters(False, "softsort", "neuralsort"),
        "False for their transposes, whose columns sum to 1 and rows do not": _of_sorters(
            False, "softsort", "neuralsort", transposed=True
        ),
        "False for negative entries, even if all sums are 1": _judged(False, ("a negative entry", TRADED)),
        "tol decides: sums of 0.995 and 1.005 pass at 0.01, not at 0.001": _tolerant,
    },
    mistakes={
        "row sums only": Sign(
            lambda attempt: _accepts(attempt, _of("softsort")) and not _accepts(attempt, _of("softsort").T)
        ),
        "column sums only": Sign(
            lambda attempt: _accepts(attempt, _of("softsort").T) and not _accepts(attempt, _of("softsort"))
        ),
        "the sum of all entries": Sign(
            lambda attempt: _accepts(attempt, _of("softsort")) and _accepts(attempt, _of("softsort").T)
        ),
        "one direction only": Sign(
            lambda attempt: _accepts(attempt, 0.9 * torch.eye(3)) and not _accepts(attempt, 1.1 * torch.eye(3))
        ),
        "sums compared with ==": Sign(
            lambda attempt: not _accepts(attempt, (1 + 1e-6) * torch.eye(3)) and _accepts(attempt, torch.eye(3))
        ),
        "negative entries let through": Sign(lambda attempt: _accepts(attempt, TRADED)),
    },
)
