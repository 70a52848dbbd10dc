"""Writing an edition of the lessons into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .elsewhere import moved
from .hypertext import without_dead_links
from .index import index
from .instructor import instructor_edition
from .lesson import Lesson
from .page import page
from .slides import deck
from .student import student_edition

EDITIONS = ("student", "instructor", "slides", "html")
NOTEBOOKS: dict[str, Callable[[Lesson], NotebookNode]] = {
    "student": student_edition,
    "instructor": instructor_edition,
}


def build(edition: str, chosen: Sequence[Lesson], out: Path) -> list[Path]:
    """Writes one file per lesson, and for slides and pages a list of them; the files it has written.

    Args:
        edition: one of `EDITIONS`.
        chosen: the lessons.
        out: a folder; made if it is not there, and what else lies in it stays.
    """
    out.mkdir(parents=True, exist_ok=True)
    if edition in NOTEBOOKS:
        return [_write_notebook(out / lesson.path.name, NOTEBOOKS[edition](lesson)) for lesson in chosen]
    make = deck if edition == "slides" else lambda lesson: page(lesson, chosen)
    names = {lesson.name for lesson in chosen}
    made = [_write(out / f"{lesson.name}.html", without_dead_links(make(lesson), names)) for lesson in chosen]
    return [*made, _write(out / "index.html", index(chosen))]


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _write_notebook(path: Path, notebook: NotebookNode) -> Path:
    made = moved(notebook, path.parent)
    nbformat.validate(made)
    nbformat.write(made, path)
    return path
