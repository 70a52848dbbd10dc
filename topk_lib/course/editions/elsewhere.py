"""Notebooks in another folder than the lessons: what they name relative to themselves must still be found."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path

from nbformat import NotebookNode

from .lesson import NOTEBOOKS

FROM_PARENT = re.compile(r"""(["'(])\.\./""")  # in a string, or in a Markdown link


def moved(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """A copy whose paths lead from `folder` to where they led from the lessons' own folder."""
    parent = Path(os.path.relpath(NOTEBOOKS.parent, folder.resolve())).as_posix()
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        cell.source = FROM_PARENT.sub(rf"\1{parent}/", cell.source)
    return made
