"""Markdown, formulas, code, questions and tasks as HTML that stands alone: no script sets it, nothing is fetched."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from ..exercises import exercise, solution_source, stub
from ..quizzes import prediction
from .lesson import Lesson

# What browsers know of MathML has no script letters but those of Unicode, and no spaces of negative width.
SCRIPT = re.compile(r'<mi mathvariant="script">([A-Za-z])</mi>')
SCRIPT_EXCEPTIONS = dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))
# "log b", not "logb": a function's name stands off from a letter, a digit or another name.
NOT_A_BASE = "".join(f"(?<!<{parent}>)" for parent in ("msub", "msup", "msubsup", "munder", "mover", "munderover"))
FUNCTION = re.compile(NOT_A_BASE + r"(<mi>[a-z]{2,}</mi>)(?=<m(?:i|n|sub|sup|subsup|frac|sqrt)>)")
NAMED = re.compile(r"<mo>([A-Za-z]{2,})</mo>")
NEGATIVE_SPACE = re.compile(r'<mspace width="negative\w+" ?/>')
LESSON_LINK = re.compile(r"^(\d\d_\w+)\.ipynb(#.*)?$")
PAGE_LINK = re.compile(r'<a [^>]*href="(\d\d_\w+)\.html[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
BEFORE_A_MARK = re.compile(r"(<math(?:(?!</math>).)*</math>)([.,;:!?)]+)", re.DOTALL)
LONG_FORMULA = 26  # letters; more may not fit on a phone
LIGHT_STYLE, DARK_STYLE = "xcode", "github-dark"

_highlight = Highlight2HTML()
TEMPLATES = Path(__file__).with_name("templates")


@lru_cache(1024)
def mathml(tex: str, display: bool = False) -> str:
    """The <math> element of a formula.

    Args:
        tex: without dollar signs.
        display: as a line of its own, not within one.

    Raises:
        ValueError: the formula holds something that could not be translated.
    """
    plain = tex.strip().replace("{aligned}", "{align*}")
    made = NEGATIVE_SPACE.sub("", convert(plain, display="block" if display else "inline"))
    made = NAMED.sub(r"<mi>\1</mi>", made)
    made = FUNCTION.sub(r'\1<mspace width="0.167em" />', made)
    if left_over := re.search(r"\\[A-Za-z]+", made):
        raise ValueError(f"no MathML for {left_over[0]} in the formula {tex!r}")
    return SCRIPT.sub(lambda found: f'<mi mathvariant="normal">{_script(found[1])}</mi>', made)


def _script(letter: str) -> str:
    first = "𝒜" if letter.isupper() else "𝒶"
    return SCRIPT_EXCEPTIONS.get(letter) or chr(ord(first) + ord(letter) - ord("A" if letter.isupper() else "a"))


class Renderer(IPythonRenderer):
    """nbconvert's, with MathML, anchors on headings, and lesson links that lead to pages."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)

    def inline_math(self, body: str) -> str:
        """A formula within a line."""
        made = mathml(body)
        letters = len(re.sub(r"<[^>]+>", "", html.unescape(made)))
        return f'<span class="long">{made}</span>' if letters > LONG_FORMULA else made

    def block_math(self, body: str) -> str:
        """A formula on a line of its own."""
        return f'<div class="formula">{mathml(body, display=True)}</div>'

    def latex_environment(self, name: str, body: str) -> str:
        """A formula given as an environment."""
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def heading(self, text: str, level: int, **attrs: object) -> str:
        """A heading with an id to link to."""
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link; one to a file that no page is made of becomes plain text."""
        if lesson := LESSON_LINK.match(url):
            return f'<a href="{lesson[1]}.html{lesson[2] or ""}">{text}</a>'
        if re.match(r"^(https?:|mailto:|#)", url):
            return super().link(text, url, title)
        return f'<span class="file">{text}</span>'


def markdown(source: str) -> str:
    """Markdown as HTML."""
    made = MarkdownWithMath(renderer=Renderer()).render(source).strip()
    # Browsers would begin a line with the full stop after a formula.
    return BEFORE_A_MARK.sub(r'<span class="keep">\1\2</span>', made)


def inline(source: str) -> str:
    """A line of Markdown as HTML, without a paragraph around it."""
    return re.sub(r"^<p>(.*)</p>$", r"\1", markdown(source), flags=re.DOTALL)


def plain(source: str) -> str:
    """A line of Markdown without its marks."""
    return html.unescape(re.sub(r"<[^>]+>", "", inline(source)))


def code(source: str) -> str:
    """Python in colours."""
    return _highlight(source, language="python").strip()


def code_colours() -> str:
    """Style rules for `code`, on light and on dark screens; paper is light."""
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in (LIGHT_STYLE, DARK_STYLE))
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def without_dead_links(page: str, names: Collection[str]) -> str:
    """The page with links to lessons only where they are among `names`; of others the text stays."""
    return PAGE_LINK.sub(lambda link: link[0] if link[1] in names else link[2], page)


def anchor(text: str) -> str:
    """An id made of a heading."""
    words = re.sub(r"<[^>]+>|&\w+;", "", text).lower()
    return re.sub(r"[^\w]+", "-", words).strip("-") or "section"


def task_heading(id: str) -> str:
    """Number and title of an exercise."""
    return f"Exercise {id}: {inline(exercise(id).title)}"


FILTERS = (markdown, inline, plain, anchor, code, prediction, exercise, task_heading, stub, solution_source)
"""What templates call: text as HTML, and what an id stands for."""


def _exporter(template: str) -> TemplateExporter:
    folders = [str(TEMPLATES)]
    exporter = TemplateExporter(
        template_name=template,
        template_file="index.html.j2",
        extra_template_basedirs=folders,
        extra_template_paths=folders,
    )
    for function in FILTERS:
        exporter.register_filter(function.__name__, function)
    return exporter


@lru_cache(1)
def macros() -> Any:
    """The macros of ``templates/pieces.html.j2`` as functions that return HTML."""
    return _exporter("slides").environment.get_template("pieces.html.j2").module


def fill(template: str, lesson: Lesson, **content: object) -> str:
    """The HTML file of a lesson.

    Args:
        template: a folder in ``templates``.
        lesson: whose notebook the template finds as ``nb``.
        content: what else it finds, in ``resources``.
    """
    text, _ = _exporter(template).from_notebook_node(lesson.notebook, {"lesson": lesson, **content})
    return text
