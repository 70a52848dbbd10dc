"""How an answer is judged: property by property, and by the usual mistakes it may show."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .attempt import Attempt, Crash, NotAttempted, Wrong
from .checks import Checks, Test
from .words import wrapped


@dataclass(frozen=True, kw_only=True)
class Exercise(Checks):
    """One exercise, whole: to its worked solution and its checks come its text and its help.

    Attributes:
        id: "lesson.number", for example "2.1".
        title: a few words.
        difficulty: in words.
        minutes: what a learner should expect to need.
        task: one or two sentences of Markdown.
        requirements: Markdown sentences, shown numbered.
        why: one sentence, why it matters.
        hints: from a nudge to nearly there.
        takeaway: one sentence, shown when all properties hold.
        messages: by the name of a mistake, what the answer does and which way to turn; one or two sentences.
    """

    id: str
    title: str
    difficulty: str
    minutes: int
    task: str
    requirements: tuple[str, ...]
    why: str
    hints: tuple[str, ...]
    takeaway: str
    messages: dict[str, str]


@dataclass(frozen=True)
class Line:
    """The verdict on one property.

    Attributes:
        text: the property.
        holds: whether it does.
        found: what was found instead.
        crashed: whether the learner's function raised an exception.
    """

    text: str
    holds: bool
    found: str = ""
    crashed: bool = False


@dataclass(frozen=True)
class Report:
    """The verdict on an answer; ``str(report)`` is what a learner reads.

    Attributes:
        exercise: what was asked.
        lines: one per property; empty if there was nothing to judge.
        mistake: the name of the usual mistake that was recognised, if any.
        attempted: False for a stub that still raises NotImplementedError.
        note: what is said when there was nothing to judge.
    """

    exercise: Exercise
    lines: tuple[Line, ...] = ()
    mistake: str | None = None
    attempted: bool = True
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every property holds."""
        return bool(self.lines) and all(line.holds for line in self.lines)

    def __str__(self) -> str:
        exercise = self.exercise
        heading = f"Exercise {exercise.id} ({exercise.title})"
        if self.note:
            return f"{heading}: {self.note}"
        held, total = sum(line.holds for line in self.lines), len(self.lines)
        count = f"all {total}" if self.passed else f"{held} of {total}"
        shown = [f"{heading}: {count} properties hold"]
        for line in self.lines:
            shown.append(f"  [{'ok' if line.holds else 'no'}] {line.text}")
            shown += wrapped(line.found, indent=" " * 7)
        return "\n".join([*shown, *wrapped(self._advice())])

    def _advice(self) -> str:
        if self.passed:
            return f"Well done. {self.exercise.takeaway}"
        if self.mistake:
            return f"Recognised: {self.mistake}. {self.exercise.messages[self.mistake]}"
        if all(line.holds or line.crashed for line in self.lines):
            return f'Mend the error first. For help with the idea, run hint("{self.exercise.id}").'
        return f'None of the usual mistakes was recognised. For help, run hint("{self.exercise.id}").'


def judge(exercise: Exercise, answer: object) -> Report:
    """The verdict on an answer, which should be a function. No answer, however wrong, raises."""
    name = exercise.reference.__name__
    if not callable(answer):
        got = "None" if answer is None else f"a {type(answer).__name__}"
        return Report(exercise, note=f"check takes the function {name} itself, without brackets; it got {got}.")
    attempt = Attempt(answer, exercise.reference, exercise.case)
    try:
        lines = _lines(exercise.properties, attempt)
    except NotAttempted:
        todo = f"not attempted yet: put your code in place of the raise line of {name} and run both cells again."
        return Report(exercise, attempted=False, note=todo)
    failed = not all(line.holds for line in lines)
    return Report(exercise, lines, _first_made(exercise, attempt) if failed else None)


def _lines(properties: dict[str, Test], attempt: Attempt) -> tuple[Line, ...]:
    lines: list[Line] = []
    for text, test in properties.items():
        line = _line(text, test, attempt)
        if line.crashed and any(line.found == earlier.found for earlier in lines):
            line = replace(line, found="the same error")
        lines.append(line)
    return tuple(lines)


def _line(text: str, test: Test, attempt: Attempt) -> Line:
    try:
        found = test(attempt) or ""
    except (NotAttempted, KeyboardInterrupt):
        raise
    except Wrong as wrong:
        return Line(text, False, str(wrong), crashed=isinstance(wrong, Crash))
    except BaseException as error:  # an object that breaks whatever is done with it is a wrong answer too
        found = f"what your function returned could not be read ({type(error).__name__})"
    return Line(text, not found, found)


def _first_made(exercise: Exercise, attempt: Attempt) -> str | None:
    for mistake, sign in exercise.signs.items():
        try:
            if sign.made(attempt):
                return mistake
        except KeyboardInterrupt:
            raise
        except BaseException:  # not this mistake, then
            continue
    return None
