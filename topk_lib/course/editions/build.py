"""Writing an edition of the lessons into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ...experiments.data.writing import check_writable, write_whole
from .hypertext import without_dead_links
from .lesson import Lesson
from .notebooks import instructor_edition, moved, student_edition
from .page import index, page
from .slides import deck

INDEX = "index.html"
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

    Raises:
        OSError: a file cannot be written; this is found before any is made.
    """
    ending = ".ipynb" if edition in NOTEBOOKS else ".html"
    paths = [out / f"{lesson.name}{ending}" for lesson in chosen]
    check_writable(*paths, *[out / INDEX] * (edition not in NOTEBOOKS))
    if edition in NOTEBOOKS:
        made = (_notebook(NOTEBOOKS[edition](lesson), out) for lesson in chosen)
        return [_write(path, text) for path, text in zip(paths, made, strict=True)]
    make = deck if edition == "slides" else lambda lesson: page(lesson, chosen)
    names = {lesson.name for lesson in chosen}
    made = (without_dead_links(make(lesson), names) for lesson in chosen)
    return [*(_write(path, text) for path, text in zip(paths, made, strict=True)), _write(out / INDEX, index(chosen))]


def _write(path: Path, text: str) -> Path:
    return write_whole(path, lambda file: file.write(text.encode()))


def _notebook(notebook: NotebookNode, folder: Path) -> str:
    """The text of a notebook's file in a folder."""
    made = moved(notebook, folder)
    nbformat.validate(made)
    return f"{nbformat.writes(made).rstrip()}\n"
