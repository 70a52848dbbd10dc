"""Which pieces of a lesson share a slide."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from . import questions
from .blocks import height, held_together
from .hypertext import code, inline, markdown
from .lesson import Lesson
from .notes import OPENING
from .pieces import Picture, Piece, pieces

BUDGET = 540  # pixels for the body of a slide
LEAD = 130  # text up to this height stays with the picture or the code that follows it
VERY_WIDE = 2.1  # pictures, width by height
LONGEST_CAPTION = 160  # letters; more would be too small to read from the last row
WIDE = 88  # letters in a line of text
LINE, MONO_LINE = 37, 27
MONO_SIZE, MONO_WIDTH = 20, 0.605  # of code: pixels, and the width of a letter in parts of its size
CODE_WIDTH = 1110
MOST_LINES = 18  # of printed text on a slide
READ = "**Read the figure"


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes:
        kind: "title", "text", "figure", "reading", "reading below", "question", "answer", "panel" or "task": its look.
        section: the level-2 heading it belongs to, or `OPENING`.
        heading: HTML of what stands at its top.
        body: HTML.
        picture: above or beside the body.
        lead: HTML above the picture.
    """

    kind: str
    section: str
    heading: str
    body: str
    picture: Picture | None = None
    lead: str = ""


@dataclass
class _Page:
    """A slide of text that is being filled."""

    parts: list[str] = field(default_factory=list)
    used: int = 0


class _Layout:
    """Takes pieces one after the other and closes a slide where the next one does not fit."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.made: list[Slide] = []
        self.section, self.page = OPENING, _Page()
        self.picture: Picture | None = None

    def take(self, piece: Piece) -> None:
        handle = getattr(self, f"_{piece.kind}", None)
        if handle is not None:
            handle(piece)

    def close(self) -> None:
        """Ends the slide of text, if there is anything on it."""
        if self.page.parts:
            self.made.append(Slide("text", self.section, self._top(), "\n".join(self.page.parts)))
        self.page = _Page()

    def _top(self) -> str:
        return inline(self.lesson.title if self.section == OPENING else self.section)

    def _add(self, html: str, tall: int, budget: int = BUDGET) -> None:
        if self.page.parts and self.page.used + tall > budget:
            self.close()
        self.page.parts.append(html)
        self.page.used += tall

    def _with_picture(self, kind: str, picture: Picture, body: str) -> None:
        """A slide for a picture; a few lines that are waiting for one go above it."""
        lead = ""
        if self.page.used <= LEAD:
            lead, self.page = "\n".join(self.page.parts), _Page()
        self.close()
        self.made.append(Slide(kind, self.section, self._top(), body, picture, lead))

    def _alone(self, kind: str, heading: str, body: str, picture: Picture | None = None) -> None:
        self.close()
        self.made.append(Slide(kind, self.section, heading, body, picture))

    def _title(self, piece: Piece) -> None:
        self._alone("title", "", markdown(piece.source))

    def _heading(self, piece: Piece) -> None:
        self.close()
        self.section, self.picture = piece.source, None

    def _prose(self, piece: Piece) -> None:
        for text in held_together(piece.source):
            if text.startswith(READ) and self.picture is not None:
                self._alone(_reading(self.picture), self._top(), markdown(text), self.picture)
                continue
            if text.startswith("### "):
                self.close()
            self._add(markdown(text), height(text, WIDE, LINE))

    def _code(self, piece: Piece) -> None:
        parts = [mono(piece.source, "code")]
        parts += [mono(text, "print") for text in in_portions(piece.printed)]
        if sum(tall for _, tall in parts) <= BUDGET:  # they belong together
            parts = [("\n".join(html for html, _ in parts), sum(tall for _, tall in parts))]
        budget = BUDGET + LEAD if self.page.used <= LEAD else BUDGET
        for html, tall in parts:
            self._add(html, tall, budget)

    def _drawing(self, piece: Piece) -> None:
        if piece.printed:  # the figure speaks for itself
            self._code(piece)

    def _picture(self, piece: Piece) -> None:
        self.picture = piece.picture
        caption = piece.picture.caption
        self._with_picture("figure", piece.picture, markdown(caption) if len(caption) <= LONGEST_CAPTION else "")

    def _panel(self, piece: Piece) -> None:
        body = '<p class="live">To be moved live, in the notebook of this lesson.</p>'
        self._with_picture("panel", piece.picture, body)

    def _question(self, piece: Piece) -> None:
        self._alone("question", f"Predict ({piece.id})", questions.question(piece.id))

    def _answer(self, piece: Piece) -> None:
        self._alone("answer", f"Answer ({piece.id})", questions.answer(piece.printed))

    def _task(self, piece: Piece) -> None:
        self._alone("task", questions.task_heading(piece.id), questions.task(piece.id))


def _reading(picture: Picture) -> str:
    """Text stands beside a picture, or below one that is very wide."""
    return "reading below" if picture.width > VERY_WIDE * picture.height else "reading"


def slides(lesson: Lesson) -> list[Slide]:
    """The lesson's slides in order."""
    layout = _Layout(lesson)
    for piece in pieces(lesson):
        layout.take(piece)
    layout.close()
    return layout.made


def in_portions(printed: str) -> list[str]:
    """Printed text cut where it is too long for a slide: before the line with least indent, else where it is full."""
    lines, portions = printed.splitlines(), []
    while len(lines) > MOST_LINES:
        late = range(MOST_LINES // 2, MOST_LINES + 1)
        cut = min(reversed(late), key=lambda i: len(lines[i]) - len(lines[i].lstrip()))
        portions.append("\n".join(lines[:cut]))
        lines = lines[cut:]
    return [*portions, "\n".join(lines)] if lines else portions


def mono(source: str, kind: str) -> tuple[str, int]:
    """Code or printed text in letters small enough for its longest line: HTML, and its height in pixels."""
    lines = source.splitlines() or [""]
    size = min(MONO_SIZE, CODE_WIDTH / (MONO_WIDTH * max(map(len, lines))))
    inner = code(source) if kind == "code" else f"<pre>{escape(source)}</pre>"
    tall = round(len(lines) * size * MONO_LINE / MONO_SIZE) + 34
    return f'<div class="{kind}" style="font-size: {size:.1f}px">{inner}</div>', tall
