"""Predict, then look: a guess is written down before the figure, and compared with a computed answer after it.

In a notebook this is two ordinary cells, ``predict("2.a", None)``, where the reader puts a letter in place of None,
and further down ``reveal("2.a")``. As handed out, with None, both print the same text on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from reprlib import repr as shortened

from .. import _validate
from .lessons import LESSONS, Prediction
from .words import wrapped

_guesses: dict[str, str] = {}


@cache
def predictions() -> dict[str, Prediction]:
    """Every question by its id, in the order of the lessons."""
    return {asked.id: asked for lesson in LESSONS.values() for asked in lesson.predictions}


def prediction(id: str) -> Prediction:
    """The question of that id.

    Raises:
        ValueError: there is none.
    """
    return predictions()[_validate.choice("id", id, predictions())]


def question_markdown(id: str) -> str:
    """The question and its lettered choices as Markdown."""
    asked = prediction(id)
    choices = "\n".join(f"- **{letter})** {text}" for letter, text in zip(asked.letters, asked.choices, strict=True))
    return f"**Predict ({id}).** {asked.question}\n\n{choices}"


def predict(id: str, guess: str | None = None) -> None:
    """Write down a guess, a letter such as "b", and print it; None takes it back.

    Something that is no letter of the question is answered with a sentence, not with an error.
    """
    asked = prediction(id)
    letter = guess.strip().lower().removesuffix(")") if isinstance(guess, str) else guess
    _guesses.pop(id, None)
    offered = f"{', '.join(asked.letters[:-1])} or {asked.letters[-1]}"
    if letter is None:
        print(f"No guess yet. Put {offered} in quotes in place of None, and run this cell again.")
    elif not isinstance(letter, str) or len(letter) != 1 or letter not in asked.letters:
        print(f"{shortened(guess)} is none of the choices: {offered}, in quotes.")
    else:
        _guesses[id] = letter
        print(f"Noted: {asked.choice(letter)}.")


def reveal(id: str) -> None:
    """Print the answer, how the guess compares, and the numbers that show it, computed now."""
    asked = prediction(id)
    position, shown = asked.answer()
    right, guess = asked.letters[position], _guesses.get(id)
    if guess is None:
        verdict = f"No guess was noted. The answer: {asked.choice(right)}."
    elif guess == right:
        verdict = f"You predicted it: {asked.choice(right)}."
    else:
        verdict = f"You guessed {asked.choice(guess)}. The answer: {asked.choice(right)}."
    print("\n".join([verdict, *wrapped(shown)]))


def nearest(value: float, offered: Sequence[float]) -> int:
    """The position of the offered number that is nearest by its ratio; all are positive."""
    return min(range(len(offered)), key=lambda i: abs(math.log(value / offered[i])))
