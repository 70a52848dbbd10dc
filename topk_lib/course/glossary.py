"""The words of the course, one plain sentence each, and the lesson that introduces them."""

from __future__ import annotations

import difflib
from functools import cache

from .lessons import LESSONS, Term, notebook_name
from .words import wrapped

PAGE_HEAD = """\
# Glossary

Every term of the course in one plain sentence, with the lesson that introduces it. In a notebook,
`topk_lib.course.term("steepness")` prints an entry."""


@cache
def terms() -> tuple[Term, ...]:
    """Every term, in the order of the lessons."""
    return tuple(term for lesson in LESSONS.values() for term in lesson.terms)


@cache
def _by_name() -> dict[str, Term]:
    return {name.casefold(): term for term in terms() for name in (term.name, *term.also)}


def lookup(name: str) -> Term:
    """The term of that name or other name, upper or lower case.

    Raises:
        ValueError: there is none; the message offers names that are spelled alike.
    """
    key = name.strip().casefold() if isinstance(name, str) else ""
    known = _by_name()
    if key not in known:
        near = [known[n].name for n in difflib.get_close_matches(key, known, n=3)]
        meant = f"; did you mean {' or '.join(map(repr, dict.fromkeys(near)))}?" if near else ""
        raise ValueError(f"name must be a term of the glossary, got {name!r}{meant}")
    return known[key]


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
    chosen = [term for term in terms() if lesson in (None, term.lesson)]
    if not chosen:
        raise ValueError(f"lesson must be one that introduces terms, got {lesson!r}")
    ordered = sorted(chosen, key=lambda term: term.name.casefold())
    return "\n".join(map(_markdown, ordered))


def glossary_page() -> str:
    """The whole glossary as a page: ``notebooks/glossary.md``, which `make notebooks` writes."""
    return f"{PAGE_HEAD}\n\n{glossary_markdown()}\n"


def _markdown(term: Term) -> str:
    others = term.names.removeprefix(term.name)
    link = f"[lesson {term.lesson:02d}]({notebook_name(term.lesson)})"
    return f"- **{term.name}**{others}: {term.meaning} ({link})"
