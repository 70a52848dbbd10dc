"""What a learner calls: check, hint, solution; and what builds a notebook: the task's text, the stub."""

from __future__ import annotations

import ast
import inspect
from functools import cache

from .. import _validate
from .attempt import printing_little
from .grading import Exercise, Report, judge
from .lessons import LESSONS


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise by its id, in the order of the lessons."""
    return {each.id: each for lesson in LESSONS.values() for each in lesson.exercises}


def exercise(id: str) -> Exercise:
    """The exercise of that id.

    Raises:
        ValueError: there is none.
    """
    return exercises()[_validate.choice("id", id, exercises())]


def grade(id: str, answer: object) -> Report:
    """The verdict on an answer: what `check` prints, as an object. Only an unknown id raises."""
    return judge(exercise(id), answer)


def check(id: str, answer: object) -> None:
    """Print the verdict on an answer, property by property, below the beginning of what the answer prints itself.

    Args:
        id: of the exercise, for example "2.1".
        answer: your function itself, without brackets.
    """
    with printing_little():
        report = grade(id, answer)
    print(report)


def hint(id: str, level: int = 1) -> None:
    """Print a hint: level 1 is a nudge, the last one is nearly there."""
    hints = exercise(id).hints
    level = _validate.integer("level", level, 1, len(hints))
    more = f'hint("{id}", {level + 1})' if level < len(hints) else f'solution("{id}")'
    print(f"Hint {level} of {len(hints)}: {hints[level - 1]}\nStill stuck? {more}")


def solution(id: str) -> None:
    """Print one way to do it. The text can be run as it stands, and passes the check."""
    print(solution_source(id))


def solution_source(id: str) -> str:
    """The worked solution with the imports that it needs."""
    found = exercise(id)
    return f"{found.imports}\n\n\n{inspect.getsource(found.reference).rstrip()}".lstrip()


def stub(id: str) -> str:
    """Source text to start from: the solution's first line and docstring, and a line that says what to do."""
    source = inspect.getsource(exercise(id).reference)
    docstring = ast.parse(source).body[0].body[0]
    kept = source.splitlines()[: docstring.end_lineno]
    return "\n".join([*kept, '    raise NotImplementedError("your code in place of this line")'])


def task_markdown(id: str) -> str:
    """The task as Markdown, under a third-level heading."""
    found = exercise(id)
    numbered = "\n".join(f"{i}. {text}" for i, text in enumerate(found.requirements, start=1))
    return (
        f"### Exercise {id}: {found.title}\n\n*{found.difficulty}, about {found.minutes} minutes*\n\n"
        f"{found.task}\n\n{numbered}\n\n**Why it matters.** {found.why}\n\n"
        f'Stuck? Run `hint("{id}")`; `solution("{id}")` shows one way to do it.'
    )


def exercise_cells(id: str, worked: bool = False) -> tuple[tuple[str, str], ...]:
    """The exercise as notebook cells: ("markdown", task), ("code", stub or worked solution), ("code", check)."""
    code = solution_source(id) if worked else stub(id)
    call = f'check("{id}", {exercise(id).reference.__name__})'
    return ("markdown", task_markdown(id)), ("code", code), ("code", call)
