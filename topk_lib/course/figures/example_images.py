"""A contact sheet: some images of a data set with the names of their classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from ... import _validate
from ...experiments.data import Split
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet

TILE, GAP, LABEL, MARGIN = 80, 12, 22, 16


@style.locked
def example_images(
    split: Split,
    class_names: Sequence[str],
    count: int = 20,
    columns: int = 10,
    seed: int = 0,
    theme: str = "light",
) -> tuple[Figure, str]:
    """Images in reading order of their class, as evenly over the classes as the count allows.

    Args:
        split: N images of any size; shown at 80 pixels a side, with hard pixels.
        class_names: one name per label.
        count: how many, at most N.
        columns: images in a row.
        seed: chooses which; the same seed gives the same images.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that counts images and classes and names the first few.

    Raises:
        TypeError, ValueError: count or columns out of range.
    """
    columns = _validate.integer("columns", columns, 1, 12)
    some = split.subset(_validate.integer("count", count, 1, len(split)), seed)
    order = some.labels.argsort(stable=True)
    images, labels = some.images[order], some.labels[order].tolist()
    rows, columns = math.ceil(count / columns), min(columns, count)
    sheet = Sheet(2 * MARGIN + columns * (TILE + GAP) - GAP, 2 * MARGIN + rows * (TILE + LABEL + GAP) - GAP, theme)
    shown = [class_names[label] for label in labels]
    size = fitting_size(shown, TILE + GAP - 4, style.SMALL)
    for i, (image, name) in enumerate(zip(images, shown, strict=True)):
        x, y = MARGIN + i % columns * (TILE + GAP), MARGIN + i // columns * (TILE + LABEL + GAP)
        sheet.image(pixels(image), x, y, TILE, TILE)
        sheet.text(x + TILE / 2, y + TILE + 12, name, size)
    return sheet.figure(), _caption(shown, len(split), images.shape[-2:])


def pixels(image: Tensor) -> np.ndarray:
    """An image tensor (3, H, W) uint8 as the array (H, W, 3) that is drawn."""
    return image.permute(1, 2, 0).numpy()


def _caption(shown: Sequence[str], total: int, shape: Sequence[int]) -> str:
    names = list(dict.fromkeys(shown))
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    images = f"{len(shown)} of {total:,} images of {shape[0]}×{shape[1]} pixels"
    return f"{images}, from {len(names)} {'class' if len(names) == 1 else 'classes'}: {listed}."
