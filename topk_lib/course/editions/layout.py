"""Which pieces of a lesson share a slide."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape

from . import questions
from .blocks import height, held_together
from .hypertext import code, inline, markdown
from .lesson import Lesson
from .notes import OPENING
from .pieces import Picture, Piece, pieces

BUDGET = 540  # pixels for the body of a slide
SQUEEZED = 620  # what still fits when its letters are scaled down a little
LEAD = 130  # text up to this height stays with the picture or the code that follows it
FEW_LINES = 190  # text up to this height looks lost on a slide of its own
BELOW_ANSWER, BELOW_READING = 260, 95  # pixels left on these slides
BESIDE, SMALL_LINE = 34, 32  # of text beside or below a picture: letters in a line there, and its height
BESIDE_WIDTH = 770  # of a picture with text beside it
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

    parts: list[tuple[str, int]] = field(default_factory=list)  # HTML and its height

    @property
    def html(self) -> str:
        return "\n".join(html for html, _ in self.parts)

    @property
    def used(self) -> int:
        return sum(tall for _, tall in self.parts)


class _Layout:
    """Takes pieces one after the other and closes a slide where the next one does not fit."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.made: list[Slide] = []
        self.section, self.page = OPENING, _Page()
        self.picture: Picture | None = None
        self.room = 0  # pixels left for text on the last slide

    def take(self, piece: Piece) -> None:
        handle = getattr(self, f"_{piece.kind}", None)
        if handle is not None:
            handle(piece)

    def close(self) -> None:
        """Ends the slide of text, if there is anything on it; a few lines go to the slide before if they can."""
        body, used = self.page.html, self.page.used
        self.page = _Page()
        if not body:
            return
        if used <= min(self.room, FEW_LINES) and self.made[-1].section == self.section:
            self.made[-1] = replace(self.made[-1], body=f"{self.made[-1].body}\n{body}")
            self.room -= used
        else:
            self._append(Slide("text", self.section, self._top(), body), SQUEEZED - used)

    def _append(self, slide: Slide, room: int = 0) -> None:
        self.made.append(slide)
        self.room = room

    def _top(self) -> str:
        return inline(self.lesson.title if self.section == OPENING else self.section)

    def _add(self, html: str, tall: int, budget: int = BUDGET) -> None:
        if self.page.parts and self.page.used + tall > budget:
            announces = self.page.parts[-1][0].endswith(":</p>")
            taken_along = [self.page.parts.pop()] if announces else []
            self.close()
            self.page.parts += taken_along
        self.page.parts.append((html, tall))

    def _with_picture(self, kind: str, picture: Picture, body: str) -> None:
        """A slide for a picture; a few lines that are waiting for one go above it."""
        lead = ""
        if self.page.used <= LEAD:
            lead, self.page = self.page.html, _Page()
        self.close()
        self._append(Slide(kind, self.section, self._top(), body, picture, lead))

    def _alone(self, kind: str, heading: str, body: str, room: int = 0) -> None:
        self.close()
        self._append(Slide(kind, self.section, heading, body), room)

    def _title(self, piece: Piece) -> None:
        self._alone("title", "", markdown(piece.source))

    def _heading(self, piece: Piece) -> None:
        self.close()
        self.section, self.picture = piece.source, None

    def _prose(self, piece: Piece) -> None:
        for text in held_together(piece.source):
            if text.startswith(READ) and self.picture is not None:
                self._reading(text)
                continue
            if text.startswith("### "):
                self.close()
            self._add(markdown(text), height(text, WIDE, LINE))

    def _reading(self, text: str) -> None:
        """The picture again, with text beside it, or below where that leaves the picture larger."""
        self.close()
        ratio = self.picture.width / self.picture.height
        if ratio * (BUDGET - height(text, WIDE, SMALL_LINE)) > 1.15 * BESIDE_WIDTH:
            kind, room = "reading below", BELOW_READING
        else:
            kind, room = "reading", (SQUEEZED - height(text, BESIDE, SMALL_LINE)) * BESIDE // WIDE
        self._append(Slide(kind, self.section, self._top(), markdown(text), self.picture), room)

    def _code(self, piece: Piece) -> None:
        parts = [mono(re.sub(r"\n{3,}", "\n\n", piece.source), "code")]
        parts += [mono(text, "print") for text in in_portions(piece.printed)]
        if (tall := sum(tall for _, tall in parts)) <= SQUEEZED:  # they belong together
            parts = [("\n".join(html for html, _ in parts), tall)]
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
        before = ""
        if self.page.used <= FEW_LINES:
            before, self.page = self.page.html, _Page()
        self._alone("question", f"Predict ({piece.id})", f"{before}\n{questions.question(piece.id)}")

    def _answer(self, piece: Piece) -> None:
        self._alone("answer", f"Answer ({piece.id})", questions.answer(piece.printed), BELOW_ANSWER)

    def _task(self, piece: Piece) -> None:
        self._alone("task", questions.task_heading(piece.id), questions.task(piece.id))


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
