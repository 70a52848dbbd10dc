"""The words of the course, one plain sentence each, and the lesson that introduces them."""

from __future__ import annotations

import difflib
from dataclasses import replace

from .entry import Term
from .grading import wrapped
from .lessons import LESSONS, notebook_name

PAGE_HEAD = """\
# Glossary

Every term of the course in one plain sentence, with the lesson that introduces it. In a notebook,
`topk_lib.course.term("steepness")` prints an entry."""

TERMS: tuple[Term, ...] = tuple(
    replace(entry, lesson=number) for number, lesson in LESSONS.items() for entry in lesson.TERMS
)
"""Every term, in the order of the lessons; they are written down in each lesson's ``terms.py``."""

_BY_NAME = {name.casefold(): entry for entry in TERMS for name in (entry.name, *entry.also)}


def lookup(name: str) -> Term:
    """The entry of that name or other name, upper or lower case.

    Raises:
        ValueError: there is none; the message offers names that are spelled alike.
    """
    key = name.strip().casefold() if isinstance(name, str) else ""
    if key not in _BY_NAME:
        near = [_BY_NAME[n].name for n in difflib.get_close_matches(key, _BY_NAME, n=3)]
        meant = f"; did you mean {' or '.join(map(repr, dict.fromkeys(near)))}?" if near else ""
        raise ValueError(f"name must be a term of the glossary, got {name!r}{meant}")
    return _BY_NAME[key]


def term(name: str) -> None:
    """Print what a word means and where it is introduced."""
    print("\n".join(wrapped(str(lookup(name)))))


def glossary_markdown(lesson: int | None = None) -> str:
    """The terms as a Markdown list in alphabetical order, each with a link to the lesson that introduces it.

    Args:
        lesson: list the terms of this lesson; of all lessons by default.

    Raises:
        ValueError: no term is introduced in that lesson.
    """
    chosen = [entry for entry in TERMS if lesson in (None, entry.lesson)]
    if not chosen:
        raise ValueError(f"lesson must be one that introduces terms, got {lesson!r}")
    ordered = sorted(chosen, key=lambda entry: entry.name.casefold())
    return "\n".join(map(_markdown, ordered))


def glossary_page() -> str:
    """The whole glossary as a page: ``notebooks/glossary.md``, which `make notebooks` writes."""
    return f"{PAGE_HEAD}\n\n{glossary_markdown()}\n"


def _markdown(entry: Term) -> str:
    also = f" (also: {', '.join(entry.also)})" if entry.also else ""
    link = f"[lesson {entry.lesson:02d}]({notebook_name(entry.lesson)})"
    return f"- **{entry.name}**{also}: {entry.meaning} ({link})"
