"""Text between markers, replaced."""

from __future__ import annotations

import re
from collections.abc import Callable

BLOCK = re.compile(r"<!-- report: (?P<name>[^ ]+) -->(?P<old>.*?)<!-- /report -->", re.DOTALL)
MARKER = re.compile(r"<!-- /?report\b[^>]*-->")


def fill(text: str, make: Callable[[str], str]) -> str:
    """Replace what stands between each pair of markers.

    Args:
        text: Markdown. Markers on lines of their own enclose lines, markers within a line a part of it.
        make: gives the content for the name in the opening marker.

    Returns:
        The text with its markers, and the new content between them.

    Raises:
        ValueError: a marker without its partner, or whatever ``make`` raises for a name that it does not know.
    """
    left = MARKER.sub("", BLOCK.sub("", text)), BLOCK.sub("", text)
    if left[0] != left[1]:
        raise ValueError(f"a marker stands alone: {MARKER.findall(left[1])[0]}")

    def filled(block: re.Match[str]) -> str:
        edge = "\n" if block["old"].startswith("\n") else ""
        return f"<!-- report: {block['name']} -->{edge}{make(block['name'])}{edge}<!-- /report -->"

    return BLOCK.sub(filled, text)


def names(text: str) -> list[str]:
    """The names in the opening markers, in order."""
    return [block["name"] for block in BLOCK.finditer(text)]
