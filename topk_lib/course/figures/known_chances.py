"""Images beside the true chances of their classes, where the data know them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.data import Split
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet
from .example_images import pixels

CARD, MARGIN, SIDE, LINE = 293, 20, 128, 26  # width of a card, size of an image, height of a bar's line
NAME, BAR = 132, 84  # room for a name, and the length of a bar of 1
MOST_CARDS, MOST_CLASSES = 4, 8


@style.locked
def known_chances(
    split: Split, class_names: Sequence[str], rows: Sequence[int], count: int = 5, theme: str = "light"
) -> tuple[Figure, str]:
    """Some images, each above bars with the chances of its most likely classes; the class it got is marked.

    Args:
        split: with a posterior, as synthetic100 has it.
        class_names: one per class.
        rows: which images, 1 to 4 positions in the split.
        count: how many classes of each, 1 to 8.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the same chances.

    Raises:
        TypeError, ValueError: the split has no posterior, or rows or count are out of range.
    """
    if split.posterior is None:
        raise ValueError("split must know the chances of its classes (posterior), as synthetic100 does")
    if not 1 <= len(rows) <= MOST_CARDS:
        raise ValueError(f"rows must name 1 to {MOST_CARDS} images, got {len(rows)}")
    rows = [_validate.integer("rows", row, 0, len(split) - 1) for row in rows]
    count = _validate.integer("count", count, 1, min(MOST_CLASSES, len(class_names)))
    sheet = Sheet(MARGIN + len(rows) * (CARD + MARGIN), 2 * MARGIN + SIDE + 14 + count * LINE, theme)
    drawn = [_likely(split, row, count) for row in rows]
    size = fitting_size([class_names[j] for _, classes in drawn for j in classes], NAME - 8, style.NORMAL, bold=True)
    sentences = []
    for i, (row, (chances, classes)) in enumerate(zip(rows, drawn, strict=True)):
        names, label = [class_names[j] for j in classes], class_names[int(split.labels[row])]
        x = MARGIN + i * (CARD + MARGIN)
        sheet.image(pixels(split.images[row]), x + (CARD - SIDE) / 2, MARGIN, SIDE, SIDE)
        _draw_bars(sheet, x, MARGIN + SIDE + 14, names, chances, label, size)
        listed = ", ".join(f"{name} {chance:.2f}" for name, chance in zip(names, chances, strict=True))
        sentences.append(f"image {i + 1}, labelled {label}: {listed}")
    return sheet.figure(), "; ".join(sentences) + "."


def _likely(split: Split, row: int, count: int) -> tuple[list[float], list[int]]:
    """The largest chances of an image and their classes."""
    chances, classes = split.posterior[row].double().topk(count)
    return chances.tolist(), classes.tolist()


def _draw_bars(
    sheet: Sheet, x: float, y: float, names: Sequence[str], chances: Sequence[float], label: str, size: float
) -> None:
    start = x + NAME
    for i, (name, chance) in enumerate(zip(names, chances, strict=True)):
        middle, mine = y + (i + 0.5) * LINE, name == label
        sheet.text(start - 8, middle, name, size, align="right", bold=mine)
        sheet.box(start, middle - 8, max(BAR * chance, 1), 16, sheet.colors.series[0])
        words = f"{chance:.2f}" + (" label" if mine else "")
        sheet.text(start + BAR * chance + 6, middle, words, style.SMALL, align="left", bold=mine)
    sheet.line((start, y), (start, y + len(names) * LINE), sheet.colors.muted)
