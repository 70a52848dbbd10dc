"""Ctrl-C and SIGTERM, put off until a moment that suits."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .distributed import ALONE, Processes

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal that was put off has taken effect.

    Attributes:
        code: with which the process is to end, as if the signal had ended it: 130 for Ctrl-C, 143 for SIGTERM.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


class Interrupts:
    """The signal that has come, if one has.

    Attributes:
        number: of the signal, or None.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def check(self, processes: Processes = ALONE) -> None:
        """Raise `Interrupted` if a signal has come to one of the processes: to all of them after the same step."""
        if number := processes.largest(self.number or 0):
            raise Interrupted(number)


@contextmanager
def put_off() -> Iterator[Interrupts]:
    """Within the ``with``, a first signal is only noted, for `Interrupts.check`. A second one acts as ever.

    In other threads than the main one, which no signal reaches, nothing changes.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def note(number: int, frame: object) -> None:
        interrupts.number = number
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in SIGNALS:
        signal.signal(number, note)
    try:
        yield interrupts
    finally:
        restore()
