"""A lesson as one page that is read without a kernel and without a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from . import hypertext, questions, template
from .hypertext import anchor, code, inline, markdown, plain
from .lesson import Lesson, lessons
from .panel_frames import Film, film
from .pieces import Picture, Piece, pieces


def page(lesson: Lesson, others: Sequence[Lesson] = ()) -> str:
    """The HTML of a lesson's page.

    Args:
        lesson: what to show.
        others: the lessons that have pages beside it, for the links at top and bottom; all if empty.
    """
    shown = list(pieces(lesson))
    course = list(others) or lessons()
    names = [other.name for other in course]
    here = names.index(lesson.name) if lesson.name in names else -1
    return template.fill(
        "page",
        lesson,
        title=plain(lesson.title),
        parts=[part(piece) for piece in shown],
        contents=[(anchor(inline(p.source)), inline(p.source)) for p in shown if p.kind == "heading"],
        before=course[here - 1] if here > 0 else None,
        after=course[here + 1] if 0 <= here < len(course) - 1 else None,
        colours=hypertext.code_colours(),
    )


def part(piece: Piece) -> str:
    """One piece as HTML."""
    match piece.kind:
        case "title" | "prose":
            return markdown(piece.source)
        case "heading":
            return markdown(f"## {piece.source}")
        case "picture":
            return _figure(piece.picture)
        case "panel":
            return _panel(piece)
        case "question":
            return _asked(piece.id)
        case "answer":
            summary = f"The answer to prediction {piece.id}"
            return _details(summary, questions.answer(piece.printed), f' class="answer" id="answer-{piece.id}"')
        case "task":
            text = f"{questions.task(piece.id)}\n{questions.help_with(piece.id)}"
            return f'<section class="task"><h3>{questions.task_heading(piece.id)}</h3>{text}</section>'
        case "setup":
            return _details("The imports of this lesson", code(piece.source) + _printed(piece), ' class="setup"')
        case _:
            return code(piece.source) + _printed(piece)


def _asked(id: str) -> str:
    later = f'<p class="later">Decide, then read on; the answer is <a href="#answer-{id}">below</a>.</p>'
    return f'<section class="question"><h3>Predict ({id})</h3>{questions.question(id)}{later}</section>'


def _printed(piece: Piece) -> str:
    return f'<pre class="print" tabindex="0">{escape(piece.printed)}</pre>' if piece.printed else ""


def _details(summary: str, inside: str, attributes: str = "") -> str:
    return f"<details{attributes}><summary>{summary}</summary>{inside}</details>"


def _image(data: str, alt: str, size: str, kind: str = "png") -> str:
    return f'<img src="data:image/{kind};base64,{data}" alt="{escape(alt)}"{size}>'


def _figure(picture: Picture) -> str:
    image = _image(picture.png, picture.caption, f' width="{picture.width}" height="{picture.height}"')
    return f"<figure>{image}<figcaption>{markdown(picture.caption)}</figcaption></figure>"


def _panel(piece: Piece) -> str:
    moving = film(piece.source)
    if moving is None:
        note = '<p class="later">In the notebook this is a panel with controls; here it stands still.</p>'
        return f"{_figure(piece.picture)}{note}"
    return _film(moving, piece.picture)


def _film(moving: Film, picture: Picture) -> str:
    """The slider is out of use until the script has run; without one the page shows the first picture."""
    label, webp, caption = moving.frames[moving.start]
    size = f' width="{picture.width}" height="{picture.height}"'
    frames = json.dumps(moving.frames).replace("</", "<\\/")
    return (
        f'<figure class="panel" role="group" aria-label="{escape(moving.title)}">'
        f'<label><span class="setting">{escape(label)}</span>'
        f'<input type="range" min="0" max="{len(moving.frames) - 1}" step="1" value="{moving.start}" disabled '
        f'aria-valuetext="{escape(label)}"></label>'
        f'{_image(webp, caption, size, "webp")}<figcaption aria-live="polite">{escape(caption)}</figcaption>'
        f'<script type="application/json">{frames}</script></figure>'
        '<p class="later">In the notebook this panel has more controls; here one of them can be moved.</p>'
    )
