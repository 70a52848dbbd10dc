"""What each cell of a lesson is there for."""

from __future__ import annotations

import ast
import re

from nbformat import NotebookNode

from .. import panels

WIDGET = "application/vnd.jupyter.widget-view+json"
ASK = re.compile(r'^predict\("([\w.]+)", None\)$')
REVEAL = re.compile(r'^reveal\("([\w.]+)"\)\n?', re.MULTILINE)
CHECK = re.compile(r'^check\("([\w.]+)"')
TASK = re.compile(r"^### Exercise ([\d.]+):")
START = re.compile(r"^start\(\d+\)$", re.MULTILINE)
HEADING = re.compile(r"^(#{1,2}) +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags."""
    return cell.metadata.get("tags", [])


def prediction_id(cell: NotebookNode) -> str | None:
    """The id of the prediction that a code cell asks for, if it does."""
    found = ASK.match(cell.source.strip()) if cell.cell_type == "code" else None
    return found and found[1]


def exercise_id(cell: NotebookNode) -> str | None:
    """The id of the exercise whose task a Markdown cell states, if it does."""
    found = TASK.match(cell.source) if cell.cell_type == "markdown" else None
    return found and found[1]


def sets_up(cell: NotebookNode) -> bool:
    """Whether it is the cell of imports."""
    return cell.cell_type == "code" and bool(START.search(cell.source))


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
