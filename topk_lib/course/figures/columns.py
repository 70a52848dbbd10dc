"""Columns and bars to be placed on a sheet: shares built from numbered blocks, and numbers above and below a line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.colors import to_hex

from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet
from .given import short, signed

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
    names: Sequence[str] | None = None,
    marked: int | None = None,
    number: Callable[[float], str] = short,
) -> None:
    """Columns side by side with their total on top, on a scale from 0 to 1.

    Args:
        sheet: what to draw on.
        x, y, width, height: the rectangle of the scale, its top left corner first. Totals stand up to 20 pixels
            above it, names up to 20 below.
        stacks: (columns, blocks): the heights of the blocks of each column, the first block on top. A block's
            number and shade are those of its place, so block 3 looks the same in every column.
        names: one per column; 1, 2, … by default.
        marked: a column to put in a frame, with its name in bold.
        number: writes the total of a column.
    """
    names = [f"{i + 1}" for i in range(len(stacks))] if names is None else names
    slot, bottom = width / len(stacks), y + height
    size = fitting_size(names, slot - 2, style.NORMAL, bold=True)
    colors = block_colors(stacks.shape[1])
    letters = style.on(colors)
    for j, (stack, name) in enumerate(zip(stacks, names, strict=True)):
        left, total = x + j * slot, float(stack.sum())
        if abs(height * (1 - total) - 10) > 8:  # else the total stands where the line of 1 would be
            sheet.line((left, y), (left + slot, y), dashes="--")
        if j == marked:
            sheet.frame(left + 1, y - 22, slot - 2, height + 47, sheet.colors.ink, 1.6)
        top = bottom
        for i in reversed(range(len(stack))):
            tall = height * float(stack[i])
            if tall < 0.5:
                continue
            top -= tall
            sheet.box(left + 0.16 * slot, top, 0.68 * slot, max(tall - GAP, 0.5), to_hex(colors[i]))
            if tall >= TALL_ENOUGH:
                sheet.text(left + slot / 2, top + (tall - GAP) / 2, f"{i + 1}", 11, letters[i])
        sheet.text(left + slot / 2, bottom - height * total - 10, number(total), style.SMALL, bold=j == marked)
        sheet.text(left + slot / 2, bottom + 12, name, size, bold=j == marked)
    sheet.line((x, bottom), (x + width, bottom), sheet.colors.muted)


def block_colors(count: int) -> np.ndarray:
    """The shades (count, 3) of blocks 1, 2, … from dark to bright."""
    return style.heat(np.linspace(DARKEST, BRIGHTEST, max(count, 2))[:count])


def signed_bars(
    sheet: Sheet,
    left: float,
    top: float,
    cell: float,
    height: float,
    values: np.ndarray,
    limit: float,
    digits: int | None = None,
    marked: int | None = None,
    out: Sequence[int] = (),
) -> None:
    """A bar per class between -limit at the bottom and limit at the top, with a line at zero.

    Args:
        sheet: what to draw on.
        left, top: of the field.
        cell: width of a class.
        height: of the field.
        values: shape (n,).
        limit: value at the field's upper end.
        digits: decimals of the values at the bars; they are not written by default.
        marked: a class whose value is bold, and fits into a frame.
        out: classes that take no part; their values say "out".
    """
    middle, colors = top + height / 2, sheet.colors
    longest = height / 2 - (18 if digits else 4)
    for j, value in enumerate(values):
        x = left + (j + 0.5) * cell
        length = min(abs(value) / limit, 1) * longest
        color = colors.series[0] if value > 0 else colors.series[1]
        sheet.box(x - 0.32 * cell, middle - length if value > 0 else middle, 0.64 * cell, length, color)
        if digits:
            y = middle + length + 11 if value <= -0.0005 else middle - length - 11
            said, ink = ("out", colors.muted) if j in out else (signed(value, digits), colors.ink)
            room = cell - (8 if j == marked else 2)  # a marked class has a frame
            size = fitting_size([said], room, style.SMALL, bold=j == marked)
            sheet.text(x, y, said, size, ink, bold=j == marked)
    sheet.line((left, middle), (left + cell * len(values), middle), colors.muted, 1.5)


def nice_limit(largest: float) -> float:
    """The next of …, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, … that is not below the largest value."""
    if not largest > 1e-12:
        return 1e-12
    power = 10 ** math.floor(math.log10(largest))
    steps = (power * step for step in (1, 1.5, 2, 3, 5, 7, 10))
    return float(f"{next(step for step in steps if step >= largest * (1 - 1e-9)):.6g}")
