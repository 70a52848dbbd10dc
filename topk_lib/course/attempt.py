"""A learner's function under examination: called with copies, its crashes and its answers put into words.

It may also end the session or print without end: `leaving_raises` and `printing_little` see to that.
"""

from __future__ import annotations

import copy
import inspect
import io
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout

import numpy as np
import torch

from .words import filled

TOLERANCE = 1e-4
LONGEST_MESSAGE = 120
MOST_PRINTED = 2000  # characters; a check calls the function some sixty times


class Wrong(Exception):
    """What is wrong with an answer, in a sentence for the learner."""


class Crash(Wrong):
    """An exception that the learner's function raised."""


class NotAttempted(Exception):
    """The stub is still as it was handed out."""


class Watched(list):
    """A list that is looked at again after the learner's function had it."""


class Attempt:
    """Calls a learner's function and reads what it returns.

    Tensors and lists are handed over as copies, so that a function which changes its arguments does no harm; only
    a `Watched` list is handed over itself. An exception becomes `Crash`, that of sys.exit() too, except that of an
    untouched stub, which becomes `NotAttempted`, and KeyboardInterrupt, which is the reader's.

    Args:
        function: the learner's.
        reference: the worked solution.
        case: words for a case, with fields named as the arguments of the reference.
    """

    def __init__(self, function: Callable, reference: Callable, case: str = "") -> None:
        self._function, self.reference, self.case = function, reference, case

    def __call__(self, *arguments: object) -> object:
        copies = [_copy(argument) for argument in arguments]
        try:
            with leaving_raises():
                return self._function(*copies)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            names = getattr(getattr(self._function, "__code__", None), "co_names", ())
            # torch raises it too, for operations it lacks
            if isinstance(error, NotImplementedError) and "NotImplementedError" in names:
                raise NotAttempted from error
            raise Crash(f"your function raised {_in_words(error, self._function)}") from error

    def tensor(self, *arguments: object, shape: Sequence[int] | None = None) -> torch.Tensor:
        """The answer as a float64 tensor of a shape, by default that of the worked solution's answer, or `Wrong`."""
        answer = self(*arguments)
        if shape is None:
            shape = torch.as_tensor(self.reference(*arguments)).shape
        return as_tensor(answer, tuple(shape))

    def number(self, *arguments: object) -> float:
        """The answer as a float, or `Wrong`."""
        return self.tensor(*arguments, shape=()).item()

    def truth(self, *arguments: object) -> bool:
        """The answer as True or False, or `Wrong`."""
        value = self.number(*arguments)
        if value not in (0, 1):
            raise Wrong(f"your function returned {value:.3g}, expected True or False")
        return bool(value)

    def named(self, words: str, arguments: Sequence[object], **more: object) -> str:
        """Words with the arguments of a case put in."""
        names = inspect.signature(self.reference).parameters
        return filled(words, **dict(zip(names, arguments, strict=True)), **more)

    def told(self, found: str, arguments: Sequence[object], case: str | None = None) -> str:
        """What was found, behind the words for its case: those given here, or at the beginning."""
        name = self.named(self.case if case is None else case, arguments)
        return f"{name}: {found}" if name else found


def _copy(argument: object) -> object:
    if isinstance(argument, torch.Tensor):
        return argument.clone()
    return copy.deepcopy(argument) if type(argument) is list else argument


def as_tensor(answer: object, shape: tuple[int, ...]) -> torch.Tensor:
    """What a learner may well return for a tensor (a number, an array, a list of rows) as a float64 tensor."""
    wanted = f"a tensor of shape {shape}" if shape else "a single number"
    if answer is None:
        raise Wrong("your function returned None: does its last line say return?")
    if isinstance(answer, list | tuple) and any(isinstance(row, torch.Tensor | np.ndarray) for row in answer):
        answer = _stacked(answer, wanted)
    try:
        value = answer if isinstance(answer, torch.Tensor) else torch.tensor(answer)
    except Exception as error:
        raise Wrong(f"your function returned a {type(answer).__name__}, expected {wanted}") from error
    if value.is_complex():
        raise Wrong(f"your function returned complex numbers, expected {wanted}")
    if tuple(value.shape) != shape:
        raise Wrong(f"your function returned shape {tuple(value.shape)}, expected {wanted}")
    return value.detach().to("cpu", torch.double)


def _stacked(rows: Sequence[object], wanted: str) -> torch.Tensor:
    try:
        return torch.stack([row if isinstance(row, torch.Tensor) else torch.tensor(row) for row in rows])
    except Exception as error:
        raise Wrong(f"your function returned a {type(rows).__name__} of unequal parts, expected {wanted}") from error


def _in_words(error: BaseException, function: Callable) -> str:
    """Type, first line of the message, and the line of the learner's function; the same on every machine."""
    try:
        lines = str(error).splitlines()
    except Exception:  # the learner's own exception, whose __str__ fails
        lines = []
    message = re.sub(r"0x[0-9a-fA-F]+", "0x…", lines[0]) if lines else ""
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + " …"
    kind = type(error).__name__
    return (f"{kind}: {message}" if message else kind) + _line_of(error, function)


def _line_of(error: BaseException, function: Callable) -> str:
    code = getattr(function, "__code__", None)
    numbers = [number for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_code is code]
    return f" (line {numbers[-1] - code.co_firstlineno + 1} of {code.co_name})" if numbers else ""


@contextmanager
def leaving_raises() -> Iterator[None]:
    """Inside, exit() and quit() raise SystemExit in a notebook too, where they would end the kernel a moment later."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        yield
        return
    shell.ask_exit = sys.exit
    try:
        yield
    finally:
        vars(shell).pop("ask_exit", None)


@contextmanager
def printing_little() -> Iterator[None]:
    """Inside, only the beginning of what is printed is shown; at the end a sentence tells of the rest."""
    ration = Ration(sys.stdout)
    try:
        with redirect_stdout(ration):
            yield
    finally:
        if ration.held_back:
            print(f"\n… and {ration.held_back:,} characters more that your function printed, left out here.")


class Ration(io.TextIOBase):
    """A text stream that passes on so many characters to another one, and counts the rest.

    Attributes:
        held_back: how many characters were not passed on.
    """

    def __init__(self, out: io.TextIOBase, most: int = MOST_PRINTED) -> None:
        self._out, self._left, self.held_back = out, most, 0

    def write(self, text: str) -> int:
        """Passes on as much of the text as is left."""
        shown = text[: self._left]
        self._left -= len(shown)
        self.held_back += len(text) - len(shown)
        if shown:
            self._out.write(shown)
        return len(text)
