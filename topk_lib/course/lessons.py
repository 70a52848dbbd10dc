"""The lessons: what the file ``lesson_NN/lesson.toml`` says, joined with what the code beside it computes.

A lesson is read when it is first asked for. A new one is a folder with such a file, a module ``predictions`` with
ANSWERS, and one module with CHECKS for each exercise; a new exercise is a section of the file and a module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from string import ascii_lowercase
from types import ModuleType

from ..experiments.reading import read_toml, require
from .grading import Exercise
from .words import filled

FILE = "lesson.toml"
TERM = {"name": str, "meaning": str}
PREDICTION = {"id": str, "question": str, "choices": [str], "shown": str}
EXERCISE = {
    **dict.fromkeys(("id", "code", "title", "difficulty", "task", "why", "takeaway"), str),
    **{"minutes": int, "requirements": [str], "hints": [str], "mistakes": {}},
}
SHAPE = {"title": str, "terms": [TERM], "predictions": [PREDICTION], "exercises": [EXERCISE]}
OPTIONAL = {"also": [str]}
"""What a term may have besides."""


@dataclass(frozen=True)
class Term:
    """A word of the course.

    Attributes:
        name: as lessons write it.
        meaning: one sentence.
        also: other names for the same thing.
        lesson: the lesson that introduces it.
    """

    name: str
    meaning: str
    lesson: int
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.names}: {self.meaning} Introduced in lesson {self.lesson:02d}."

    @property
    def names(self) -> str:
        """The name, and the others in brackets."""
        return self.name + (f" (also: {', '.join(self.also)})" if self.also else "")


@dataclass(frozen=True)
class Prediction:
    """A question to answer before looking: its choices, and an answer that is computed when it is revealed.

    Attributes:
        id: "lesson.letter", for example "2.a".
        question: Markdown, ending in a question mark.
        choices: what a reader may pick from, lettered a, b, … in this order.
        shown: one or two sentences with fields for the numbers that show the answer.
        compute: (position of the right choice, the numbers by the names of their fields).
    """

    id: str
    question: str
    choices: tuple[str, ...]
    shown: str
    compute: Callable[[], tuple[int, dict[str, object]]]

    def answer(self) -> tuple[int, str]:
        """The position of the right choice, and what shows it, computed now."""
        position, numbers = self.compute()
        return position, filled(self.shown, **numbers)

    @property
    def letters(self) -> str:
        """The letters that may be guessed, for example "abc"."""
        return ascii_lowercase[: len(self.choices)]

    def choice(self, letter: str) -> str:
        """A choice with its letter in front."""
        return f"{letter}) {self.choices[self.letters.index(letter)]}"


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        number: of its notebook.
        path: of the file with its words.

    Its other attributes raise ValueError where the file lacks something, says something that nobody knows, or does
    not fit the code beside it; the message names the file and the key.
    """

    number: int
    path: Path

    @cached_property
    def words(self) -> dict:
        """What the file says."""
        return read_words(self.path)

    @property
    def title(self) -> str:
        """A few words."""
        return self.words["title"]

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The words that it introduces."""
        return tuple(Term(**said, lesson=self.number) for said in self.words["terms"])

    @cached_property
    def predictions(self) -> tuple[Prediction, ...]:
        """What its readers are asked to predict."""
        asked, answers = self.words["predictions"], self._code("predictions").ANSWERS
        self._compare("predictions", [said["id"] for said in asked], answers)
        return tuple(Prediction(**said, compute=answers[said["id"]]) for said in asked)

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """What its readers are asked to write."""
        return tuple(map(self._exercise, self.words["exercises"]))

    def _exercise(self, said: dict) -> Exercise:
        checks = self._code(said["code"]).CHECKS
        self._compare(f"exercise {said['id']}, mistakes", said["mistakes"], checks.mistakes)
        words = {key: value for key, value in said.items() if key not in ("code", "mistakes")}
        computed = {field.name: getattr(checks, field.name) for field in fields(checks)}
        return Exercise(**words, messages=said["mistakes"], **computed)

    def _code(self, module: str) -> ModuleType:
        name = f"{__package__}.lesson_{self.number:02d}.{module}"
        if find_spec(name) is None:
            raise ValueError(f"{self.path}: there is no module {name}, which holds the code of {module!r}")
        return import_module(name)

    def _compare(self, place: str, said: Iterable[str], computed: Iterable[str]) -> None:
        """Raises ValueError unless the file and the code have the same names."""
        said, computed = set(said), set(computed)
        for name in sorted(said ^ computed):
            trouble = "the code does not know it" if name in said else "it is missing here, and the code has it"
            raise ValueError(f"{self.path}: {place}: {name!r}: {trouble}")


def read_words(path: Path) -> dict:
    """What a lesson's file says; line breaks within a text are spaces, and lists of texts are tuples.

    Raises:
        ValueError: it is no TOML, or something is missing, of another type, or unknown; the text names file and key.
    """
    found = read_toml(path)
    try:
        require(found, SHAPE)
        _known(found, SHAPE)
        for i, exercise in enumerate(found["exercises"]):
            require(exercise["mistakes"], dict.fromkeys(exercise["mistakes"], str), f"exercises[{i}].mistakes")
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return _tidied(found)


def _known(found: dict, shape: dict, place: str = "") -> None:
    """Raises ValueError for a key that `shape` does not have."""
    for key, value in found.items():
        allowed = shape | OPTIONAL if shape is TERM else shape
        if key not in allowed:
            raise ValueError(f"{place}{key} is unknown; known are {', '.join(allowed)}")
        require(value, allowed[key], f"{place}{key}")  # of what is optional, this has not been seen yet
        if isinstance(allowed[key], list) and isinstance(allowed[key][0], dict):
            for i, each in enumerate(value):
                _known(each, allowed[key][0], f"{key}[{i}].")


def _tidied(found: object) -> object:
    if isinstance(found, str):
        return " ".join(found.split())
    if isinstance(found, dict):
        return {key: _tidied(value) for key, value in found.items()}
    return tuple(map(_tidied, found)) if isinstance(found, list) else found


LESSONS: dict[int, Lesson] = {
    int(path.parent.name[-2:]): Lesson(int(path.parent.name[-2:]), path)
    for path in sorted(Path(__file__).parent.glob(f"lesson_[0-9][0-9]/{FILE}"))
}
"""By the number of their notebook."""


def notebook_name(number: int) -> str:
    """The file of a lesson in the folder ``notebooks``: its number and its title in plain letters."""
    words = re.sub(r"[^a-z0-9 ]", "", LESSONS[number].title.lower()).split()
    return f"{number:02d}_{'_'.join(words)}.ipynb"
