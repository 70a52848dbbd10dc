"""What an exercise computes: its worked solution, properties of every right answer, and the usual mistakes.

The building blocks of properties take an `Attempt` and say what is wrong, or return None:

- `gives` looks at one call, `agrees` compares with a reference in every case,
- `each` asks its own question of every case, `says` expects the same yes or no in every case.

A mistake is, as a rule, a wrong solution: an attempt shows it if both return the same. `judges` knows mistakes of
functions that answer yes or no.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from .attempt import TOLERANCE, Attempt, Wrong

Cases = Sequence[tuple] | Callable[[], Sequence[tuple]]
"""Argument lists on which two functions are compared, or what makes them when they are needed."""

Test = Callable[[Attempt], str | None]
"""Returns None if a property holds, else what was found instead. May raise `Wrong`."""


@dataclass(frozen=True)
class Sign:
    """A mistake that is recognised otherwise than by a wrong solution.

    Attributes:
        made: whether an attempt shows it.
    """

    made: Callable[[Attempt], bool]


@dataclass(frozen=True)
class Checks:
    """All of an exercise but its words, which stand in the lesson's file.

    Attributes:
        reference: the worked solution. Its name, signature and docstring are those of the stub.
        properties: what is checked, in this order: a statement, and its test.
        mistakes: what is looked for when a property fails, by name; the first one found is told. A wrong solution,
            several of which any will do, or a `Sign`.
        cases: on which an attempt is compared with wrong solutions; needed where there are any.
        imports: import lines that the solution needs.
    """

    reference: Callable
    properties: dict[str, Test]
    mistakes: dict[str, Callable | tuple[Callable, ...] | Sign]
    cases: Cases = ()
    imports: str = "import torch"

    def __post_init__(self) -> None:
        if self.cases == () and not all(isinstance(mistake, Sign) for mistake in self.mistakes.values()):
            raise ValueError("cases must not be empty where a mistake is a wrong solution, got ()")

    def shows(self, mistake: str) -> Callable[[Attempt], bool]:
        """Whether an attempt shows the mistake of that name."""
        shown = self.mistakes[mistake]
        if isinstance(shown, Sign):
            return shown.made
        made = [imitates(wrong, self.cases) for wrong in (shown if isinstance(shown, tuple) else (shown,))]
        return lambda attempt: any(each(attempt) for each in made)


def each(cases: Cases, name: Callable[..., str], test: Callable[..., str | None]) -> Test:
    """A property that is tested case by case.

    Args:
        cases: the argument lists.
        name: words for a case, from its arguments; what is said of it starts with them.
        test: what is wrong with (attempt, *case), None if nothing is.
    """

    def whole(attempt: Attempt) -> str | None:
        for case in cases() if callable(cases) else cases:
            if found := test(attempt, *case):
                return f"{name(*case)}: {found}"
        return None

    return whole


def agrees(reference: Callable, cases: Cases, name: Callable[..., str]) -> Test:
    """A property: an attempt returns what the reference returns, up to rounding.

    Args:
        reference: returns a tensor, a number, a truth value or several numbers.
        cases, name: as for `each`.
    """
    return each(cases, name, lambda attempt, *case: compared(attempt, reference(*case), *case))


def gives(wanted: object, *arguments: object) -> Test:
    """A property: called with these arguments, an attempt returns this."""
    return lambda attempt: compared(attempt, wanted, *arguments)


def says(wanted: bool, named: Sequence[tuple]) -> Test:
    """A property: an attempt says yes, or no, in every case; a case is its words, followed by its arguments."""

    def test(attempt: Attempt) -> str | None:
        for name, *arguments in named:
            if attempt.truth(*arguments) != wanted:
                return f"your function says {not wanted} for {name}"
        return None

    return test


def judges(yes: Sequence[tuple] = (), no: Sequence[tuple] = ()) -> Sign:
    """The mistake of one who says yes to all of the former arguments and no to all of the latter."""
    return Sign(lambda attempt: all(attempt.truth(*a) for a in yes) and not any(attempt.truth(*a) for a in no))


def imitates(wrong: Callable, cases: Cases) -> Callable[[Attempt], bool]:
    """Whether an attempt returns what a mistaken function returns, in every case."""
    same = agrees(wrong, cases, lambda *case: "")

    def made(attempt: Attempt) -> bool:
        try:
            return same(attempt) is None
        except Wrong:
            return False

    return made


def compared(attempt: Attempt, wanted: object, *arguments: object) -> str | None:
    """None if the attempt returns what is wanted, else where the two differ most."""
    wanted = torch.as_tensor(wanted)
    return difference(attempt.tensor(*arguments, shape=wanted.shape), wanted)


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
