"""What a learner's function may do besides returning: end the session, print without end."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

MOST_PRINTED = 2000  # characters; a check calls the function some sixty times


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
