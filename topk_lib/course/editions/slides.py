"""A lesson as a deck of slides, in one HTML file that needs no network: how tall pieces are, which share a slide."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from html import escape

from . import hypertext
from .hypertext import code, inline, markdown
from .lesson import OPENING, Lesson, Notes
from .pieces import Picture, Piece, pieces

HEADING = re.compile("#.*")
BLANK_LINES = re.compile(r"\n[ \t]*\n+")
LIST_ITEM = re.compile(r"^(?:[-*+]|\d+[.)])\s")
SPACE_BETWEEN = 16  # pixels
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
RECAP = "Recap"


def blocks(markdown: str) -> list[str]:
    """The text at its blank lines, except where a list, a fence or a displayed formula would come apart."""
    made: list[str] = []
    for part in BLANK_LINES.split(markdown.strip("\n")):
        goes_on = made and (
            made[-1].count("```") % 2
            or made[-1].count("$$") % 2
            or (LIST_ITEM.match(made[-1]) and (LIST_ITEM.match(part) or part.startswith((" ", "\t"))))
        )
        if goes_on:
            made[-1] = f"{made[-1]}\n\n{part}"
        else:
            made.append(part)
    return [block for block in made if block.strip()]


def held_together(markdown: str) -> list[str]:
    """Blocks, each joined with what it announces: a formula, what follows a heading or a colon."""
    made: list[str] = []
    for block in blocks(markdown):
        announced = made and (block.startswith("$$") or made[-1].endswith(":") or HEADING.fullmatch(made[-1]))
        if announced:
            made[-1] = f"{made[-1]}\n\n{block}"
        else:
            made.append(block)
    return made


def height(markdown: str, columns: int, line: int) -> int:
    """About how many pixels the text takes.

    Args:
        markdown: any number of blocks.
        columns: letters that fit into a line.
        line: the height of a line.
    """
    return sum(_height(block, columns, line) + SPACE_BETWEEN for block in blocks(markdown))


def _height(block: str, columns: int, line: int) -> int:
    if block.startswith("$$"):
        return round(2.4 * line)
    if block.startswith("```"):
        return block.count("\n") * line
    lines = [len(re.sub(r"[*`$\\]|\]\([^)]*\)", "", text)) for text in _paragraph_lines(block)]
    return sum(max(1, math.ceil(length / columns)) for length in lines) * line


def _paragraph_lines(block: str) -> list[str]:
    """Items of a list or rows of a table one by one; a paragraph, whose line breaks mean nothing, as one line."""
    starts = (LIST_ITEM.match(block), block.startswith("|"))
    return [text for text in block.splitlines() if text.strip()] if any(starts) else [" ".join(block.split())]


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


class _Layout:
    """Takes pieces one after the other and closes a slide where the next one does not fit."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.made: list[Slide] = []
        self.section = OPENING
        self.waiting: list[tuple[str, int]] = []  # HTML and its height, for the next slide of text
        self.picture: Picture | None = None
        self.room = 0  # pixels left for text on the last slide

    def take(self, piece: Piece) -> None:
        handle = getattr(self, f"_{piece.kind}", None)
        if handle is not None:
            handle(piece)

    @property
    def used(self) -> int:
        """The height of what is waiting."""
        return sum(tall for _, tall in self.waiting)

    def taken(self) -> str:
        """What has been waiting, which waits no longer."""
        parts, self.waiting = self.waiting, []
        return "\n".join(html for html, _ in parts)

    def close(self) -> None:
        """Ends the slide of text, if there is anything on it; a few lines go to the slide before if they can."""
        used, body = self.used, self.taken()
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
        if self.waiting and self.used + tall > budget:
            announces = self.waiting[-1][0].endswith(":</p>")
            taken_along = [self.waiting.pop()] if announces else []
            self.close()
            self.waiting += taken_along
        self.waiting.append((html, tall))

    def _with_picture(self, kind: str, picture: Picture, body: str) -> None:
        """A slide for a picture; a few lines that are waiting for one go above it."""
        lead = self.taken() if self.used <= LEAD else ""
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
        budget = BUDGET + LEAD if self.used <= LEAD else BUDGET
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
        before = self.taken() if self.used <= FEW_LINES else ""
        self._alone("question", f"Predict ({piece.id})", f"{before}\n{hypertext.macros().question(piece.id)}")

    def _answer(self, piece: Piece) -> None:
        self._alone("answer", f"Answer ({piece.id})", hypertext.macros().answer(piece.printed), BELOW_ANSWER)

    def _task(self, piece: Piece) -> None:
        self._alone("task", hypertext.task_heading(piece.id), hypertext.macros().task(piece.id))


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


def deck(lesson: Lesson) -> str:
    """The HTML of a lesson's deck.

    Slides are 1280 by 720 pixels and grow or shrink with the window. Arrow keys, space and clicks turn them, ``n``
    shows the lecturer's notes, ``o`` an overview, printing gives a slide a page.
    """
    made = slides(lesson)
    return hypertext.fill(
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
