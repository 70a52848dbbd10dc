"""A lesson as a deck of slides, in one HTML file that needs no network."""

from __future__ import annotations

from html import escape

from . import hypertext, template
from .hypertext import markdown
from .layout import Slide, slides
from .lesson import Lesson
from .notes import OPENING, Notes

RECAP = "Recap"


def deck(lesson: Lesson) -> str:
    """The HTML of a lesson's deck.

    Slides are 1280 by 720 pixels and grow or shrink with the window. Arrow keys, space and clicks turn them, ``n``
    shows the lecturer's notes, ``o`` an overview, printing gives a slide a page.
    """
    made = slides(lesson)
    return template.fill(
        "slides", lesson, slides=made, notes=_notes(lesson.notes, made), colours=hypertext.code_colours()
    )


def _notes(notes: Notes, made: list[Slide]) -> dict[str, str]:
    """HTML of the notes by the section of a slide; the discussion goes with the recap."""
    found = {}
    for heading in dict.fromkeys(slide.section for slide in made):
        section = notes.of(heading)
        if section is not None:
            name = f"{escape(heading)} · " if heading != OPENING else ""
            found[heading] = f"<p><b>{name}{section.minutes} min</b></p>\n{markdown(section.text)}"
        elif heading == RECAP and notes.discussion:
            found[heading] = f"<p><b>Discussion</b></p>\n{markdown(notes.discussion)}"
    return found
