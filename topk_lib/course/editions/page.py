"""A lesson as one page that is read without a kernel and a network; a slider steps through what a panel can show."""

from __future__ import annotations

import ast
import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from ... import course
from .. import panels
from . import hypertext
from .hypertext import inline
from .lesson import Lesson, lessons
from .pieces import pieces

CONSTANTS = ("NAMES", "SCORES", "LABEL")
TITLE = "Differentiable top-k classification"


def page(lesson: Lesson, others: Sequence[Lesson] = ()) -> str:
    """The HTML of a lesson's page.

    Args:
        lesson: what to show.
        others: the lessons that have pages beside it, for the links at top and bottom; all if empty.
    """
    course = list(others) or lessons()
    names = [other.name for other in course]
    here = names.index(lesson.name) if lesson.name in names else -1
    return hypertext.fill(
        "page",
        lesson,
        pieces=list(pieces(lesson)),
        film=film,
        before=course[here - 1] if here > 0 else None,
        after=course[here + 1] if 0 <= here < len(course) - 1 else None,
        colours=hypertext.code_colours(),
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
    argument has a name that is no constant of the course.
    """
    call = _call(source)
    if call is None:
        return None
    known = {name: getattr(panels, name) for name in panels.__all__} | {
        name: getattr(course, name) for name in CONSTANTS
    }
    try:
        panel = eval(ast.unparse(call), {"__builtins__": {}, **known})
    except NameError:
        return None
    swept = panel.sweep()
    if swept is None:
        return None
    knob, values = swept
    start = min(range(len(values)), key=lambda i: abs(values[i] - knob.value))
    frames = tuple((frame.label, _webp(frame.png), frame.caption) for frame in panel.frames())
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


def index(made: Sequence[Lesson]) -> str:
    """The HTML of a list that leads to every lesson."""
    entries = [(lesson.name, lesson.title, inline(lesson.promise)) for lesson in made]
    return hypertext.fill("index", made[0], title=TITLE, entries=entries)
