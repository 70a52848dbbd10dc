"""A lesson as one page that is read without a kernel and a network; a slider steps through what a panel can show."""

from __future__ import annotations

import ast
import io
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from PIL import Image

from ... import course
from .. import panels
from ..panels import Panel
from . import hypertext
from .hypertext import anchor, code, inline, markdown, plain
from .lesson import Lesson, lessons
from .pieces import Picture, Piece, pieces

CONSTANTS = ("NAMES", "SCORES", "LABEL")
TITLE = "Differentiable top-k classification"


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
    return hypertext.fill(
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
            return _details(summary, hypertext.answer(piece.printed), f' class="answer" id="answer-{piece.id}"')
        case "task":
            text = f"{hypertext.task(piece.id)}\n{hypertext.help_with(piece.id)}"
            return f'<section class="task"><h3>{hypertext.task_heading(piece.id)}</h3>{text}</section>'
        case "setup":
            return _details("The imports of this lesson", code(piece.source) + _printed(piece), ' class="setup"')
        case _:
            return code(piece.source) + _printed(piece)


def _asked(id: str) -> str:
    later = f'<p class="later">Decide, then read on; the answer is <a href="#answer-{id}">below</a>.</p>'
    return f'<section class="question"><h3>Predict ({id})</h3>{hypertext.question(id)}{later}</section>'


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


@dataclass(frozen=True)
class Film:
    """What a plain slider steps through.

    Attributes:
        title: of the panel.
        frames: (label, WebP in base64, caption) each.
        start: the position of the frame that is nearest to how the panel begins.
    """

    title: str
    frames: tuple[tuple[str, str, str], ...]
    start: int


@lru_cache(32)
def film(source: str) -> Film | None:
    """The panel that a cell displays, at every value of its sweep.

    None where nothing is to be stepped through: the panel has no sweep, the cell changes it after making it, or an
    argument is more than a number, a string, a list of such, or a constant of the course.
    """
    call = _call(source)
    if call is None:
        return None
    kind = getattr(panels, call.func.id)
    if kind.sweep is Panel.sweep:
        return None
    try:
        arguments = [_value(argument) for argument in call.args]
        options = {keyword.arg: _value(keyword.value) for keyword in call.keywords}
    except ValueError:
        return None
    return _swept(kind(*arguments, **options))


def _swept(panel: Panel) -> Film | None:
    swept = panel.sweep()
    if swept is None:
        return None
    knob, values = swept
    start = min(range(len(values)), key=lambda i: abs(values[i] - knob.value))
    frames = tuple((f.label, _webp(f.png), f.caption) for f in panel.frames())
    return Film(panel.title, frames, start)


def _webp(png: bytes) -> str:
    """The same pixels in less than half of the bytes, in base64: a film has many pictures."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "webp", lossless=True, method=1)
    return b64encode(buffer.getvalue()).decode()


def _call(source: str) -> ast.Call | None:
    """The call that makes the panel, where the cell is ``Panel(…)`` or ``name = Panel(…)`` and ``name``."""
    match ast.parse(source).body:
        case [ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call)]:
            pass
        case [
            ast.Assign(targets=[ast.Name(id=made)], value=ast.Call(func=ast.Name(id=name)) as call),
            ast.Expr(value=ast.Name(id=shown)),
        ] if made == shown:
            pass
        case _:
            return None
    return call if name in panels.__all__ else None


def _value(node: ast.expr) -> object:
    """A literal, or a constant of the course.

    Raises:
        ValueError: anything else.
    """
    if isinstance(node, ast.Name) and node.id in CONSTANTS:
        return getattr(course, node.id)
    return ast.literal_eval(node)


def index(made: Sequence[Lesson]) -> str:
    """The HTML of a list that leads to every lesson."""
    entries = [(lesson.name, lesson.title, inline(lesson.promise)) for lesson in made]
    return hypertext.fill("index", made[0], title=TITLE, entries=entries)
