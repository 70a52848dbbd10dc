"""A lesson as it lies in the folder of notebooks, and which lessons there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .notes import Notes, read_notes

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"


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
