"""Markdown in blocks (paragraphs, lists, formulas, fences), and how tall they will be on a slide."""

from __future__ import annotations

import math
import re

BLANK_LINES = re.compile(r"\n[ \t]*\n+")
LIST_ITEM = re.compile(r"^(?:[-*+]|\d+[.)])\s")
SPACE_BETWEEN = 16  # pixels


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
        announced = made and (block.startswith("$$") or made[-1].endswith(":") or is_heading(made[-1]))
        if announced:
            made[-1] = f"{made[-1]}\n\n{block}"
        else:
            made.append(block)
    return made


def is_heading(block: str) -> bool:
    """Whether it is a heading and nothing else."""
    return block.startswith("#") and "\n" not in block


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
