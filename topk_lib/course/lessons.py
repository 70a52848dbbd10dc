"""Which lessons there are. A new one is a folder ``lesson_NN`` and a higher number here."""

from __future__ import annotations

import re
from importlib import import_module
from types import ModuleType

LAST = 10

LESSONS: dict[int, ModuleType] = {
    number: import_module(f".lesson_{number:02d}", __package__) for number in range(LAST + 1)
}
"""Modules with TITLE, EXERCISES, PREDICTIONS and TERMS, by the number of their notebook."""


def notebook_name(number: int) -> str:
    """The file of a lesson in the folder ``notebooks``: its number and its title in plain letters."""
    words = re.sub(r"[^a-z0-9 ]", "", LESSONS[number].TITLE.lower()).split()
    return f"{number:02d}_{'_'.join(words)}.ipynb"
