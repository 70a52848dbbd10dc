"""The list of lessons that stands beside the pages or the decks."""

from __future__ import annotations

from collections.abc import Sequence

from . import template
from .hypertext import inline
from .lesson import Lesson

TITLE = "Differentiable top-k classification"


def index(made: Sequence[Lesson]) -> str:
    """The HTML of a list that leads to every lesson."""
    entries = [(lesson.name, lesson.title, inline(lesson.promise)) for lesson in made]
    return template.fill("index", made[0], title=TITLE, entries=entries)
