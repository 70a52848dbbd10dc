"""Markdown: numbers, tables, and text between markers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..statistics import MeanCI

BLOCK = re.compile(r"<!-- report: (?P<name>[^ ]+) -->(?P<old>.*?)<!-- /report -->", re.DOTALL)
MARKER = re.compile(r"<!-- /?report\b[^>]*-->")
TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [_line(head), "|" + "---|" * len(head), *map(_line, rows)]
    return "\n".join(lines)


def percent(fraction: float) -> str:
    """0.815 as "81.5 %"."""
    return f"{100 * fraction:.1f} %"


def mean_percent(value: MeanCI) -> str:
    """A mean in percent with half its interval, "81.5 ± 0.3 %"."""
    return f"{value.mean:.1f} ± {value.half_width:.1f} %"


def vector(values: Sequence[float]) -> str:
    """P_K as the paper writes it: [.5, 0, 0, 0, .5]."""
    return "[" + ", ".join(f"{p:g}".removeprefix("0") or "0" for p in values) + "]"


def loss_name(config: Mapping[str, Any]) -> str:
    """ "cross-entropy", or the top-k loss with its P_K."""
    return "cross-entropy" if config["loss"] == "ce" else f"top-k loss, P_K = {vector(config['p_k'])}"


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


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
