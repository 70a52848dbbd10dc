"""The students' edition: stubs to fill in and nothing computed yet."""

from __future__ import annotations

import copy

from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode

from .lesson import Lesson


def student_edition(lesson: Lesson) -> NotebookNode:
    """The lesson without outputs and counts; the lecturer's notes stay in their own files."""
    notebook, _ = ClearOutputPreprocessor(enabled=True)(copy.deepcopy(lesson.notebook), {})
    return notebook
