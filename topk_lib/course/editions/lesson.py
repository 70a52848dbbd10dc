"""A lesson as it lies in the folder of notebooks, and the lecturer's notes on it: what to stress, how many minutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

OPENING, DISCUSSION, EXAM = "Opening", "Discussion", "Exam"
HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
MINUTES = re.compile(r"\s*minutes: *(\d+) *(?:\n|$)")
NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"


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
    sections = []
    for heading, text in texts.items():
        found = MINUTES.match(text)
        if found is None:
            raise ValueError(f"{path.name}: the section {heading!r} must begin with a line such as 'minutes: 4'")
        sections.append(Section(heading, int(found[1]), text[found.end() :].strip()))
    return Notes(tuple(sections), last[DISCUSSION], last[EXAM])


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        path: of its notebook.
        notebook: as stored, with outputs; not to be changed.
        notes: the lecturer's.
    """

    path: Path
    notebook: NotebookNode
    notes: Notes

    @property
    def name(self) -> str:
        """The file name without its ending, for example "02_soft_permutations"."""
        return self.path.stem

    @property
    def title(self) -> str:
        """The text of its first-level heading."""
        return re.search(r"^# +(.+)$", self.notebook.cells[0].source, re.MULTILINE)[1].strip()

    @property
    def promise(self) -> str:
        """The sentence below the title, Markdown."""
        return self.notebook.cells[0].source.split("\n\n")[1].strip()


def lessons(chosen: Sequence[str] = (), folder: Path = NOTEBOOKS) -> list[Lesson]:
    """The lessons in a folder, in their order.

    Args:
        chosen: numbers or names, for example "2", "02" or "02_soft_permutations"; all if empty.
        folder: where the notebooks lie, with the notes in a folder ``notes`` beside them.

    Raises:
        ValueError: there are no notebooks, or nothing fits one of `chosen`.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise ValueError(f"there are no lessons in {folder}")
    if chosen:
        wanted = {_path(name, paths) for name in chosen}
        paths = [path for path in paths if path in wanted]
    return [Lesson(path, nbformat.read(path, 4), read_notes(folder / "notes" / f"{path.stem}.md")) for path in paths]


def _path(name: str, paths: Sequence[Path]) -> Path:
    stem = Path(name).name.removesuffix(".ipynb")
    for path in paths:
        if path.stem == stem or (stem.isdecimal() and int(path.stem[:2]) == int(stem)):
            return path
    raise ValueError(f"no lesson {name!r}; there are {', '.join(path.stem for path in paths)}")
