"""Which lessons there are. A new one is a file ``lesson_NN.py`` and a line here."""

from __future__ import annotations

from types import ModuleType

from . import lesson_00, lesson_02, lesson_08

LESSONS: dict[int, ModuleType] = {0: lesson_00, 2: lesson_02, 8: lesson_08}
"""Modules with TITLE, EXERCISES and PREDICTIONS, by the number of their notebook."""
