"""Predictions and exercises as HTML, from the same texts that the notebooks are made of."""

from __future__ import annotations

from html import escape

from ..exercises import exercise, solution_source, stub
from ..quizzes import prediction
from .hypertext import code, inline, markdown


def question(id: str) -> str:
    """The question and its lettered choices."""
    asked = prediction(id)
    choices = zip(asked.letters, asked.choices, strict=True)
    items = "".join(f'<li><b class="letter">{letter}</b><span>{inline(text)}</span></li>' for letter, text in choices)
    return f'<p class="asked">{inline(asked.question)}</p>\n<ol class="choices">{items}</ol>'


def answer(printed: str) -> str:
    """What `reveal` has printed: the right choice, then the numbers that show it."""
    verdict, _, shown = printed.strip().partition("\n")
    return f'<p class="verdict">{escape(verdict)}</p>\n<p class="shown">{escape(" ".join(shown.split()))}</p>'


def task_heading(id: str) -> str:
    """Number and title of an exercise."""
    return f"Exercise {id}: {inline(exercise(id).title)}"


def task(id: str) -> str:
    """The task, its numbered requirements, and why it matters."""
    found = exercise(id)
    numbered = "".join(f"<li>{inline(text)}</li>" for text in found.requirements)
    return (
        f'<p class="effort">{escape(found.difficulty)}, about {found.minutes} minutes</p>\n'
        f"{markdown(found.task)}\n<ol>{numbered}</ol>\n"
        f'<p class="why"><b>Why it matters.</b> {inline(found.why)}</p>'
    )


def help_with(id: str) -> str:
    """The stub, the hints and the solution of an exercise, the latter two folded."""
    hints = "\n".join(
        f"<details><summary>Hint {i}</summary><p>{inline(text)}</p></details>"
        for i, text in enumerate(exercise(id).hints, start=1)
    )
    solved = f"<details><summary>One way to do it</summary>{code(solution_source(id))}</details>"
    return f"{code(stub(id))}\n{hints}\n{solved}"
