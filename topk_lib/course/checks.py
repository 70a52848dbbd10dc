"""What an exercise computes: its worked solution, properties of every right answer, and the usual mistakes.

The building blocks of properties call an `Attempt` and say what is wrong, or return None:

- `agrees` compares with the worked solution, or with another function, in every case; `gives` looks at one call,
- `each` asks its own question of every answer, `holds` asks one of several answers together,
- `says` expects the same yes or no in every case.

A mistake is, as a rule, the worked solution with a piece of it written otherwise, `Instead`, or another wrong
solution: an attempt shows it if both return the same. `judges` knows mistakes of functions that answer yes or no.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from .attempt import TOLERANCE, Attempt, Wrong
from .words import filled

Cases = Iterable[tuple]
"""Argument lists."""

Test = Callable[[Attempt], str | None]
"""Returns None if a property holds, else what was found instead. May raise `Wrong`."""


@dataclass(frozen=True)
class Sign:
    """A mistake that is recognised otherwise than by a wrong solution.

    Attributes:
        made: whether an attempt shows it.
    """

    made: Callable[[Attempt], bool]


class Instead:
    """A wrong solution: the worked one with pieces of its text written otherwise.

    Args:
        pieces: by turns a piece, which occurs once in the worked solution, and what stands in its place.

    Raises:
        ValueError: the last piece has nothing in its place.
    """

    def __init__(self, *pieces: str) -> None:
        if len(pieces) % 2:
            raise ValueError(f"pieces must come in pairs, got {pieces}")
        self.pieces = list(zip(pieces[::2], pieces[1::2], strict=True))

    def of(self, reference: Callable) -> Callable:
        """The wrong solution.

        Raises:
            ValueError: a piece does not occur once.
        """
        source = inspect.getsource(reference)
        for right, wrong in self.pieces:
            if source.count(right) != 1:
                raise ValueError(f"{right!r} must occur once in {reference.__name__}, got {source.count(right)} times")
            source = source.replace(right, wrong)
        space = dict(reference.__globals__)
        exec(source, space)
        return space[reference.__name__]


@dataclass(frozen=True)
class Checks:
    """All of an exercise but its words, which stand in the lesson's file.

    Attributes:
        reference: the worked solution. Its name, signature and docstring are those of the stub.
        properties: what is checked, in this order: a statement, and its test.
        mistakes: what is looked for when a property fails, by name; the first one found is told. A wrong solution,
            several of which any will do, or a `Sign`.
        cases: on which an attempt is compared with wrong solutions; needed where there are any.
        case: words for a case, with fields named as the arguments of the reference; `filled` puts them in.
        imports: import lines that the solution needs.
    """

    reference: Callable
    properties: dict[str, Test]
    mistakes: dict[str, Callable | Instead | Sign | tuple[Callable | Instead, ...]]
    cases: Cases = ()
    case: str = ""
    imports: str = "import torch"

    def __post_init__(self) -> None:
        if not self.cases and not all(isinstance(mistake, Sign) for mistake in self.mistakes.values()):
            raise ValueError("cases must not be empty where a mistake is a wrong solution, got ()")
        _ = self.signs  # what is wrong with a mistake is said now

    @cached_property
    def signs(self) -> dict[str, Sign]:
        """How each mistake is recognised, by its name."""
        return {name: self._sign(mistake) for name, mistake in self.mistakes.items()}

    def _sign(self, mistake: Callable | Instead | Sign | tuple[Callable | Instead, ...]) -> Sign:
        if isinstance(mistake, Sign):
            return mistake
        several = mistake if isinstance(mistake, tuple) else (mistake,)
        wrong = [each.of(self.reference) if isinstance(each, Instead) else each for each in several]
        return Sign(lambda attempt: any(imitates(each, self.cases)(attempt) for each in wrong))


def agrees(
    cases: Cases,
    wanted: Callable | None = None,
    *,
    of: Callable[[torch.Tensor], torch.Tensor] | None = None,
    what: str = "",
    case: str | None = None,
    tolerance: float = TOLERANCE,
) -> Test:
    """A property: an attempt returns what is wanted in every case, up to rounding.

    Args:
        cases: the argument lists.
        wanted: returns for a case a tensor, a number, a truth value or several numbers; the worked solution by default.
        of: compare this of the answer, float64 of the shape that the worked solution returns; all of it by default.
        what: what is compared, in words; left out where it is all of the answer.
        case: words for a case, as of `Checks`; those of the exercise by default.
    """

    def test(attempt: Attempt) -> str | None:
        for arguments in cases:
            expected = torch.as_tensor((wanted or attempt.reference)(*arguments))
            shape = expected.shape if of is None else None
            got = attempt.tensor(*arguments, shape=shape)
            if found := difference(of(got) if of else got, expected, tolerance, what):
                return attempt.told(found, arguments, case)
        return None

    return test


def gives(wanted: object, *arguments: object, **how: Any) -> Test:
    """A property: called with these arguments, an attempt returns this; `how` as for `agrees`."""
    return agrees([arguments], lambda *_: wanted, case="", **how)


def each(cases: Cases, fits: Callable[..., object], words: str | Callable[..., str], case: str | None = None) -> Test:
    """A property that is tested case by case.

    Args:
        cases: the argument lists.
        fits: whether all is well, asked of (answer, *case); the answer as a tensor of the shape of the worked one.
        words: what is wrong, with the fields of a case and {answer}; or what makes such words of (answer, *case).
        case: as for `agrees`.
    """

    def test(attempt: Attempt) -> str | None:
        for arguments in cases:
            answer = attempt.tensor(*arguments)
            if not fits(answer, *arguments):
                found = words(answer, *arguments) if callable(words) else words
                found = attempt.named(found, arguments, answer=answer)
                return attempt.told(found, arguments, case)
        return None

    return test


def holds(fits: Callable[..., object], words: str, *cases: tuple, of: Callable = lambda answer: answer) -> Test:
    """A property of several answers together.

    Args:
        fits: whether all is well, asked of the answers, tensors of the shape of the worked solution's.
        words: what is wrong, with a field {} for each answer.
        cases: the argument lists, one for each answer.
        of: ask about this of every answer.
    """

    def test(attempt: Attempt) -> str | None:
        answers = [of(attempt.tensor(*arguments)) for arguments in cases]
        return None if fits(*answers) else filled(words, *answers)

    return test


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
    same = agrees(cases, wrong, case="")

    def made(attempt: Attempt) -> bool:
        try:
            return same(attempt) is None
        except Wrong:
            return False

    return made


def difference(
    got: torch.Tensor | float, wanted: torch.Tensor | float, tolerance: float = TOLERANCE, what: str = ""
) -> str | None:
    """None if the two agree everywhere, else where they differ most; their shapes are equal."""
    wanted = torch.as_tensor(wanted)
    show = {torch.bool: _truth, torch.long: "{:g}".format}.get(wanted.dtype, _number)
    got, wanted = torch.as_tensor(got).double(), wanted.double()
    gaps = (got - wanted).abs().nan_to_num(nan=torch.inf)
    if gaps.numel() == 0 or gaps.max() <= tolerance:
        return None
    place = torch.unravel_index(gaps.argmax(), gaps.shape)
    entry = f"entry [{', '.join(str(int(i)) for i in place)}]" if gaps.ndim else ""
    where = " of ".join(filter(None, (entry, what)))
    return f"{where or 'the answer'} is {show(got[place].item())}, expected {show(wanted[place].item())}"


def _number(value: float) -> str:
    return f"{value + 0.0:.3f}"


def _truth(value: float) -> str:
    return {0.0: "False", 1.0: "True"}.get(value, _number(value))
