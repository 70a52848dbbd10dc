"""The classes of one group side by side: what a network has to tell apart, and how far that is possible."""

from __future__ import annotations

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.data import ImageData
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet
from ...metrics import topk_accuracy
from .example_images import GAP, LABEL, MARGIN, TILE, pixels


@style.locked
def confusable_group(data: ImageData, group: str, per_class: int = 3, theme: str = "light") -> tuple[Figure, str]:
    """The classes of a group as columns, with their names, and some training images of each below.

    Args:
        data: with groups, as synthetic100 and CIFAR-100 have them.
        group: one of ``data.group_names``.
        per_class: how many images of each class; the first ones of the training split.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption that names the classes. Where the data know the chances of the classes, it
        also says how often the best possible answers are right on the test images of this group.

    Raises:
        ValueError: the data have no groups, the group is unknown, or a class has too few training images.
    """
    if data.groups is None or data.group_names is None:
        raise ValueError(f"data must have groups of classes, as synthetic100 has; {data.name} has none")
    number = data.group_names.index(_validate.choice("group", group, data.group_names))
    classes = (data.groups == number).nonzero()[:, 0].tolist()
    per_class = _validate.integer("per_class", per_class, 1)
    names = [data.class_names[label] for label in classes]
    width = 2 * MARGIN + len(classes) * (TILE + 3 * GAP) - GAP
    sheet = Sheet(width, 2 * MARGIN + LABEL + per_class * (TILE + GAP), theme)
    size = fitting_size(names, TILE + 2 * GAP, style.NORMAL)
    for i, (label, name) in enumerate(zip(classes, names, strict=True)):
        rows = (data.train.labels == label).nonzero()[:, 0][:per_class]
        if len(rows) < per_class:
            raise ValueError(f"per_class must be at most {len(rows)}, the training images of {name!r}, got {per_class}")
        x = MARGIN + GAP + i * (TILE + 3 * GAP)
        sheet.text(x + TILE / 2, MARGIN + LABEL / 2, name, size)
        for j, row in enumerate(rows):
            sheet.image(pixels(data.train.images[row]), x, MARGIN + LABEL + GAP + j * (TILE + GAP), TILE, TILE)
    return sheet.figure(), _caption(data, number, names, per_class)


def _caption(data: ImageData, number: int, names: list[str], per_class: int) -> str:
    group = data.group_names[number]
    text = f"{len(names)} classes of the group {group}, {per_class} images each: {', '.join(names)}."
    mine = data.groups[data.test.labels] == number
    if data.test.posterior is None or not mine.any():
        return text
    found = topk_accuracy(data.test.posterior[mine], data.test.labels[mine], (1, min(5, data.num_classes)))
    first, some = (f"{accuracy:.0%}" for accuracy in found.values())
    return (
        f"{text} Of the {int(mine.sum())} test images of these classes, whoever knows all chances puts the "
        f"right class first for {first} and among the best {max(found)} for {some}."
    )
