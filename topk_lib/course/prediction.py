"""A question to answer before looking: its choices, and an answer that is computed when it is revealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_lowercase


@dataclass(frozen=True)
class Prediction:
    """One question.

    Attributes:
        id: "lesson.letter", for example "2.a".
        question: Markdown, ending in a question mark.
        choices: what a reader may pick from, lettered a, b, … in this order.
        answer: computes (position of the right choice, one or two sentences with the numbers that show it).
    """

    id: str
    question: str
    choices: tuple[str, ...]
    answer: Callable[[], tuple[int, str]]

    @property
    def letters(self) -> str:
        """The letters that may be guessed, for example "abc"."""
        return ascii_lowercase[: len(self.choices)]

    def choice(self, letter: str) -> str:
        """A choice with its letter in front."""
        return f"{letter}) {self.choices[self.letters.index(letter)]}"
