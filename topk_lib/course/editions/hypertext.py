"""Markdown and code as HTML that stands alone: formulas as MathML, links among the pages, nothing fetched."""

from __future__ import annotations

import html
import re
from collections.abc import Collection

from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from .mathematics import mathml

LESSON_LINK = re.compile(r"^(\d\d_\w+)\.ipynb(#.*)?$")
PAGE_LINK = re.compile(r'<a [^>]*href="(\d\d_\w+)\.html[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
BEFORE_A_MARK = re.compile(r"(<math(?:(?!</math>).)*</math>)([.,;:!?)]+)", re.DOTALL)
LONG_FORMULA = 26  # letters; more may not fit on a phone
LIGHT_STYLE, DARK_STYLE = "xcode", "github-dark"

_highlight = Highlight2HTML()


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
