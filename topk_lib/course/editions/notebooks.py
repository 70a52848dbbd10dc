"""The editions that are notebooks: for students, with stubs and no outputs; for instructors, worked and annotated."""

from __future__ import annotations

import copy
import os
import re
from itertools import pairwise
from pathlib import Path

from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode, v4

from ..exercises import exercise, grade, solution_source
from .lesson import NOTEBOOKS, OPENING, Lesson, Section
from .pieces import CHECK, at_headings, tags

NOTE = "lecturer-note"
FROM_PARENT = re.compile(r"""(["'(])\.\./""")  # in a string, or in a Markdown link


def student_edition(lesson: Lesson) -> NotebookNode:
    """The lesson without outputs and counts; the lecturer's notes stay in their own files."""
    notebook, _ = ClearOutputPreprocessor(enabled=True)(copy.deepcopy(lesson.notebook), {})
    return notebook


def instructor_edition(lesson: Lesson) -> NotebookNode:
    """The lesson with worked exercises, the verdict on them, notes below the headings, and questions at the end.

    Outputs of the other cells stay as they are stored. What is added carries the tag ``lecturer-note``.

    Raises:
        ValueError: a worked solution does not pass its check.
    """
    notebook = copy.deepcopy(lesson.notebook)
    cells = [made for cell in notebook.cells for made in _with_notes(cell, lesson)]
    notebook.cells = _worked(cells) + _at_the_end(lesson)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{lesson.name[:2]}-{number}"
    return notebook


def note_markdown(section: Section) -> str:
    """A note as a block of its own, which nobody takes for the lesson's text."""
    minutes = "1 minute" if section.minutes == 1 else f"{section.minutes} minutes"
    return _quoted(f"**For the lecturer · {minutes}**\n\n{section.text}")


def _with_notes(cell: NotebookNode, lesson: Lesson) -> list[NotebookNode]:
    if cell.cell_type != "markdown":
        return [cell]
    cells: list[NotebookNode] = []
    for heading, text in at_headings(cell.source):
        section = lesson.notes.of(OPENING if heading.startswith("# ") else heading.removeprefix("## "))
        if heading.startswith("# "):  # the promise and the aims belong to the title
            heading, text = f"{heading}\n\n{text}", ""
        if section is None:
            cells.append(v4.new_markdown_cell("\n\n".join(filter(None, (heading, text)))))
            continue
        cells += [v4.new_markdown_cell(heading), _note(note_markdown(section))]
        cells += [v4.new_markdown_cell(text)] if text else []
    return cells


def _worked(cells: list[NotebookNode]) -> list[NotebookNode]:
    for cell, following in pairwise(cells):
        if "exercise" in tags(cell):
            id = CHECK.match(following.source)[1]
            cell.source = solution_source(id)
            following.outputs = [v4.new_output("stream", name="stdout", text=f"{_verdict(id)}\n")]
    return cells


def _verdict(id: str) -> str:
    namespace: dict[str, object] = {}
    exec(solution_source(id), namespace)
    report = grade(id, namespace[exercise(id).reference.__name__])
    if not report.passed:
        raise ValueError(f"the worked solution fails its own check: {report}")
    return str(report)


def _at_the_end(lesson: Lesson) -> list[NotebookNode]:
    last = (("Questions for the room", lesson.notes.discussion), ("Exam questions", lesson.notes.exam))
    return [_note(f"## {heading}\n\n{_quoted(text)}") for heading, text in last if text]


def _note(source: str) -> NotebookNode:
    return v4.new_markdown_cell(source, metadata={"tags": [NOTE]})


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def moved(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """A copy whose paths lead from `folder` to where they led from the lessons' own folder."""
    parent = Path(os.path.relpath(NOTEBOOKS.parent, folder.resolve())).as_posix()
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        cell.source = FROM_PARENT.sub(rf"\1{parent}/", cell.source)
    return made
