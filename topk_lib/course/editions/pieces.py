"""What each cell of a lesson is there for, and the lesson cut into the pieces of which slides and pages are made."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from nbformat import NotebookNode

from .. import panels
from ..quizzes import reveal
from .lesson import Lesson

WIDGET = "application/vnd.jupyter.widget-view+json"
ASK = re.compile(r'^predict\("[\w.]+", None\)$')
REVEAL = re.compile(r'^reveal\("([\w.]+)"\)\n?', re.MULTILINE)
CHECK = re.compile(r'^check\("([\w.]+)"')
TASK = re.compile(r"### Exercise ([\d.]+):")
QUESTION = re.compile(r"\*\*Predict \(([\w.]+)\)")
START = re.compile(r"^start\(\d+\)$", re.MULTILINE)
HEADING = re.compile(r"^(#{1,2}) +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
NO_GUESS = "No guess was noted. "


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags."""
    return cell.metadata.get("tags", [])


def shows_panel(cell: NotebookNode) -> bool:
    """Whether a panel is displayed by it."""
    return any(WIDGET in output.get("data", {}) for output in cell.get("outputs", []))


def moves_panel(cell: NotebookNode) -> bool:
    """Whether it only proves that a panel answers, which is nothing to look at."""
    if cell.cell_type != "code" or shows_panel(cell):
        return False
    lines = "".join(output.get("text", "") for output in cell.outputs).splitlines()
    names = {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
    return bool(names & set(panels.__all__)) and bool(lines) and lines[0].endswith(": True")


def at_headings(markdown: str) -> list[tuple[str, str]]:
    """Markdown cut before every heading of the first two levels: (heading line, text below it).

    What stands before the first heading comes with an empty heading. Lines in code fences are no headings.
    """
    fences = [found.span() for found in FENCE.finditer(markdown)]
    found = [h for h in HEADING.finditer(markdown) if not any(a <= h.start() < b for a, b in fences)]
    starts = [h.start() for h in found] + [len(markdown)]
    before = markdown[: starts[0]].strip()
    parts = [(h[0].strip(), markdown[h.end() : end].strip()) for h, end in zip(found, starts[1:], strict=True)]
    return ([("", before)] if before else []) + parts


@dataclass(frozen=True)
class Picture:
    """An image of an output.

    Attributes:
        png: in base64.
        caption: Markdown, computed when the lesson ran; also the alternative text.
        width, height: at which it is shown, in pixels.
    """

    png: str
    caption: str
    width: int
    height: int


@dataclass(frozen=True)
class Piece:
    """One thing on a slide or a page.

    Attributes:
        kind: "title", "heading", "prose", "setup" (imports), "code", "drawing" (code that shows a picture),
            "picture", "panel", "question", "answer" or "task".
        source: Markdown of a heading (without its marks) or of prose; otherwise Python.
        printed: what a code cell or `reveal` has printed.
        id: of the prediction or the exercise.
        picture: of a picture or a panel.
    """

    kind: str
    source: str = ""
    printed: str = ""
    id: str = ""
    picture: Picture | None = None


def pieces(lesson: Lesson) -> Iterator[Piece]:
    """The lesson in reading order; stubs and checks of exercises, calls of `predict` and proofs are left out."""
    for cell in lesson.notebook.cells:
        if cell.cell_type == "markdown":
            yield from _of_markdown(cell)
        elif cell.cell_type == "code":
            handed_out = {"exercise", "check"} & set(tags(cell))
            if not (handed_out or ASK.match(cell.source.strip()) or moves_panel(cell)):
                yield from _of_code(cell)


def _of_markdown(cell: NotebookNode) -> Iterator[Piece]:
    if task := TASK.match(cell.source):
        yield Piece("task", id=task[1])
    elif question := QUESTION.match(cell.source):
        yield Piece("question", id=question[1])
    else:
        for heading, text in at_headings(cell.source):
            if heading.startswith("# "):
                yield Piece("title", text)
            elif heading:
                yield Piece("heading", heading.removeprefix("## "))
            if text and not heading.startswith("# "):
                yield Piece("prose", text)


def _of_code(cell: NotebookNode) -> Iterator[Piece]:
    printed = "".join(output.text for output in cell.outputs if output.output_type == "stream") or _value(cell.outputs)
    pictures = list(_pictures(cell.outputs))
    source = cell.source
    for id in REVEAL.findall(source):
        told = _told_by_reveal(id)
        printed = printed.replace(told, "", 1)
        yield Piece("answer", printed=told.removeprefix(NO_GUESS), id=id)
    source = REVEAL.sub("", source).strip()
    if not source:
        return
    if shows_panel(cell):
        yield Piece("panel", source, picture=pictures[0])
    else:
        kind = "setup" if START.search(cell.source) else "drawing" if pictures else "code"
        yield Piece(kind, source, printed.rstrip("\n"))
        yield from (Piece("picture", picture=picture) for picture in pictures)


@lru_cache(128)
def _told_by_reveal(id: str) -> str:
    """What `reveal` prints where no guess was noted; in a notebook more may stand in the same cell."""
    told = io.StringIO()
    with redirect_stdout(told):
        reveal(id)
    return told.getvalue()


def _value(outputs: list[NotebookNode]) -> str:
    """What a last expression has shown as text."""
    results = (output.data for output in outputs if output.output_type == "execute_result")
    return "".join(data.get("text/plain", "") for data in results if "image/png" not in data)


def _pictures(outputs: list[NotebookNode]) -> Iterator[Picture]:
    """Pictures with the captions that follow them."""
    for output, following in zip_longest(outputs, outputs[1:]):
        if "image/png" in output.get("data", {}):
            look = output.metadata.get("image/png", {})
            below = following.get("data", {}).get("text/markdown") if following else None
            caption = below or look.get("alt", "")
            yield Picture(output.data["image/png"].strip(), caption, look.get("width", 960), look.get("height", 540))
