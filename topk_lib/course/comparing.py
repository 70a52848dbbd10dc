"""Comparing an attempt with a function, right or wrong on purpose, over a list of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from .attempt import TOLERANCE, Attempt, Wrong

Cases = Callable[[], Iterable[tuple]]
"""Makes the argument lists on which two functions are compared. Called when needed: importing costs nothing."""


def agrees(reference: Callable, cases: Cases, name: Callable[..., str]) -> Callable[[Attempt], str | None]:
    """A test that an attempt returns what the reference returns, up to rounding.

    Args:
        reference: returns a tensor, a number, a truth value or a tuple of numbers.
        cases: the argument lists.
        name: words for a case, from its arguments; what is said of it starts with them.
    """

    def test(attempt: Attempt) -> str | None:
        for case in cases():
            wanted = torch.as_tensor(reference(*case))
            found = difference(attempt.tensor(*case, shape=wanted.shape), wanted)
            if found:
                return f"{name(*case)}: {found}"
        return None

    return test


def imitates(imitation: Callable, cases: Cases) -> Callable[[Attempt], bool]:
    """Whether an attempt returns what a mistaken function returns, in every case."""

    def made(attempt: Attempt) -> bool:
        try:
            return agrees(imitation, cases, lambda *case: "")(attempt) is None
        except Wrong:
            return False

    return made


def difference(got: torch.Tensor | float, wanted: torch.Tensor | float, tolerance: float = TOLERANCE) -> str | None:
    """None if the two agree everywhere, else where they differ most; their shapes are equal."""
    wanted = torch.as_tensor(wanted)
    show = _truth if wanted.dtype == torch.bool else _number
    got, wanted = torch.as_tensor(got).double(), wanted.double()
    gaps = (got - wanted).abs().nan_to_num(nan=torch.inf)
    if gaps.numel() == 0 or gaps.max() <= tolerance:
        return None
    place = torch.unravel_index(gaps.argmax(), gaps.shape)
    where = f"entry [{', '.join(str(int(i)) for i in place)}]" if gaps.ndim else "the answer"
    return f"{where} is {show(got[place].item())}, expected {show(wanted[place].item())}"


def _number(value: float) -> str:
    return f"{value + 0.0:.3f}"


def _truth(value: float) -> str:
    return {0.0: "False", 1.0: "True"}.get(value, _number(value))
