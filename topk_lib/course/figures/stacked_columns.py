"""Columns between 0 and 1 that are built from numbered blocks, to be placed on a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet

GAP = 1.5  # of paper between two blocks
TALL_ENOUGH = 13  # a block that has room for its number
DARKEST, BRIGHTEST = 0.3, 0.97  # of the heat scale: all shades stand out from white and from black paper


def stacked_columns(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    height: float,
    stacks: np.ndarray,
    names: Sequence[str],
    marked: int | None = None,
    number: Callable[[float], str] = lambda total: short(total),
) -> None:
    """Columns side by side with their total on top, on a scale from 0 to 1.

    Args:
        sheet: what to draw on.
        x, y, width, height: the rectangle of the scale, its top left corner first. Totals stand up to 20 pixels
            above it, names up to 20 below.
        stacks: (columns, blocks): the heights of the blocks of each column, the first block on top. A block's
            number and shade are those of its place, so block 3 looks the same in every column.
        names: one per column.
        marked: a column to put in a frame, with its name in bold.
        number: writes the total of a column.
    """
    slot, bottom = width / len(stacks), y + height
    colors = block_colors(stacks.shape[1])
    size = fitting_size(names, slot - 2, style.NORMAL, bold=True)
    for j, (stack, name) in enumerate(zip(stacks, names, strict=True)):
        left, total = x + j * slot, float(stack.sum())
        if abs(height * (1 - total) - 10) > 8:  # else the total stands where the line of 1 would be
            sheet.line((left, y), (left + slot, y), dashes="--")
        if j == marked:
            frame(sheet, left + 1, y - 22, slot - 2, height + 47)
        _blocks(sheet, left + 0.16 * slot, bottom, 0.68 * slot, height, stack, colors)
        sheet.text(left + slot / 2, bottom - height * total - 10, number(total), style.SMALL, bold=j == marked)
        sheet.text(left + slot / 2, bottom + 12, name, size, bold=j == marked)
    sheet.line((x, bottom), (x + width, bottom), sheet.colors.muted)


def _blocks(
    sheet: Sheet, x: float, bottom: float, width: float, height: float, stack: np.ndarray, colors: np.ndarray
) -> None:
    for i in reversed(range(len(stack))):
        tall = height * float(stack[i])
        if tall < 0.5:
            continue
        bottom -= tall
        sheet.box(x, bottom, width, max(tall - GAP, 0.5), _hex(colors[i]))
        if tall >= TALL_ENOUGH:
            white = style.reads_dark(colors[i])
            sheet.text(x + width / 2, bottom + (tall - GAP) / 2, f"{i + 1}", 11, "#ffffff" if white else "#000000")


def block_colors(count: int) -> np.ndarray:
    """The shades (count, 3) of blocks 1, 2, … from dark to bright."""
    return style.heat(np.linspace(DARKEST, BRIGHTEST, max(count, 2))[:count])


def frame(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """An outline that catches the eye."""
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
    for start, end in pairwise(corners):
        sheet.line(start, end, sheet.colors.ink, 1.6)


def short(value: float) -> str:
    """A number between 0 and 1 in few letters: ".25", "0", "1"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.removeprefix("0") or "0"


def two_decimals(value: float) -> str:
    """A number between 0 and 1 as ".25", ".20" or "1.0"."""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1.0"


def p_k_text(p_k: Sequence[float]) -> str:
    """P_K as a list in few letters: "[.5, 0, 0, 0, .5]"."""
    return f"[{', '.join(map(short, p_k))}]"


def _hex(color: np.ndarray) -> str:
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in color)
