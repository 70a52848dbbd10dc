"""A panel for readers without a kernel: its picture at every value of its sweep."""

from __future__ import annotations

import ast
import io
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from ... import course
from .. import panels
from ..panels import Panel

CONSTANTS = ("NAMES", "SCORES", "LABEL")


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
    return _film(kind(*arguments, **options))


def _film(panel: Panel) -> Film | None:
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
