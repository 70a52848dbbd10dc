"""The lecturer's notes of a lesson: what to stress and how many minutes, heading by heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

OPENING, DISCUSSION, EXAM = "Opening", "Discussion", "Exam"
HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
MINUTES = re.compile(r"\s*minutes: *(\d+) *(?:\n|$)")


@dataclass(frozen=True)
class Section:
    """What the lecturer should know about one section.

    Attributes:
        heading: of the lesson's section; `OPENING` for what stands before the first one.
        minutes: to plan for it; None in the discussion and the exam questions.
        text: Markdown.
    """

    heading: str
    minutes: int | None
    text: str


@dataclass(frozen=True)
class Notes:
    """All notes of a lesson.

    Attributes:
        sections: one per section of the lesson, in its order.
        discussion, exam: Markdown, empty where there is none.
    """

    sections: tuple[Section, ...] = ()
    discussion: str = ""
    exam: str = ""

    def of(self, heading: str) -> Section | None:
        """The notes on the section with this heading, if there are any."""
        return next((section for section in self.sections if section.heading == heading), None)


def read_notes(path: Path) -> Notes:
    """The notes in a file; none where there is no such file.

    Raises:
        ValueError: a section lacks its line of minutes.
    """
    if not path.is_file():
        return Notes()
    _, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    last = {name: texts.pop(name, "").strip() for name in (DISCUSSION, EXAM)}
    sections = tuple(_section(path.name, heading, text) for heading, text in texts.items())
    return Notes(sections, last[DISCUSSION], last[EXAM])


def _section(file: str, heading: str, text: str) -> Section:
    found = MINUTES.match(text)
    if found is None:
        raise ValueError(f"{file}: the section {heading!r} must begin with a line such as 'minutes: 4'")
    return Section(heading, int(found[1]), text[found.end() :].strip())
