"""Pictures of data: example images, one group of classes, images beside their true probabilities, and blobs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from ... import _validate
from ...experiments.data import ImageData, Split, best_topk_accuracy
from ...experiments.data.blobs import BlobMixture
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size
from ...experiments.drawing.sheet import Sheet
from ...metrics import topk_accuracy
from .given import check_count
from .heat_map import heat_scale

TILE, GAP, LABEL, MARGIN = 80, 12, 22, 16


def pixels(image: Tensor) -> np.ndarray:
    """An image tensor (3, H, W) uint8 as the array (H, W, 3) that is drawn."""
    return image.permute(1, 2, 0).numpy()


@style.locked
def example_images(
    split: Split, class_names: Sequence[str], count: int = 20, columns: int = 10, seed: int = 0, theme: str = "light"
) -> tuple[Figure, str]:
    """Images in reading order of their class, as evenly over the classes as the count allows.

    Args:
        split: N images of any size; shown at 80 pixels a side, with hard pixels.
        class_names: one name per label.
        count: how many, at most N.
        columns: images in a row.
        seed: chooses which; the same seed gives the same images.

    Returns:
        The figure, and a caption that counts images and classes and names the first few.

    Raises:
        TypeError, ValueError: count or columns out of range.
    """
    columns = _validate.integer("columns", columns, 1, 12)
    some = split.subset(_validate.integer("count", count, 1, len(split)), seed)
    order = some.labels.argsort(stable=True)
    images, shown = some.images[order], [class_names[label] for label in some.labels[order].tolist()]
    rows, columns = math.ceil(count / columns), min(columns, count)
    sheet = Sheet(2 * MARGIN + columns * (TILE + GAP) - GAP, 2 * MARGIN + rows * (TILE + LABEL + GAP) - GAP, theme)
    size = fitting_size(shown, TILE + GAP - 4, style.SMALL)
    for i, (image, name) in enumerate(zip(images, shown, strict=True)):
        x, y = MARGIN + i % columns * (TILE + GAP), MARGIN + i // columns * (TILE + LABEL + GAP)
        sheet.image(pixels(image), x, y, TILE, TILE)
        sheet.text(x + TILE / 2, y + TILE + 12, name, size)
    names, (height, width) = list(dict.fromkeys(shown)), images.shape[-2:]
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    said = f"{count} of {len(split):,} images of {height}×{width} pixels"
    return sheet.figure(), f"{said}, from {len(names)} {'class' if len(names) == 1 else 'classes'}: {listed}."


@style.locked
def confusable_group(data: ImageData, group: str, per_class: int = 3, theme: str = "light") -> tuple[Figure, str]:
    """The classes of a group as columns, with their names, and some training images of each below.

    Args:
        data: with groups, as synthetic100 and CIFAR-100 have them.
        group: one of ``data.group_names``.
        per_class: how many images of each class; the first ones of the training split.

    Returns:
        The figure, and a caption that names the classes. Where the data know the probabilities of the classes, it
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
    step = TILE + 3 * GAP
    sheet = Sheet(2 * MARGIN + len(classes) * step - GAP, 2 * MARGIN + LABEL + per_class * (TILE + GAP), theme)
    size = fitting_size(names, TILE + 2 * GAP, style.NORMAL)
    for i, (label, name) in enumerate(zip(classes, names, strict=True)):
        rows = (data.train.labels == label).nonzero()[:, 0][:per_class]
        if len(rows) < per_class:
            raise ValueError(f"per_class must be at most {len(rows)}, the training images of {name!r}, got {per_class}")
        x = MARGIN + GAP + i * step
        sheet.text(x + TILE / 2, MARGIN + LABEL / 2, name, size)
        for j, row in enumerate(rows):
            sheet.image(pixels(data.train.images[row]), x, MARGIN + LABEL + GAP + j * (TILE + GAP), TILE, TILE)
    said = f"{len(names)} classes of the group {group}, {per_class} images each: {', '.join(names)}."
    mine = data.groups[data.test.labels] == number
    if data.test.posterior is not None and mine.any():
        found = topk_accuracy(data.test.posterior[mine], data.test.labels[mine], (1, min(5, data.num_classes)))
        said += (
            f" Of the {int(mine.sum())} test images of these classes, whoever knows all probabilities puts the right "
            f"class first for {found[1]:.0%} and among the best {max(found)} for {found[max(found)]:.0%}."
        )
    return sheet.figure(), said


@style.locked
def known_probabilities(
    split: Split, class_names: Sequence[str], rows: Sequence[int], count: int = 5, theme: str = "light"
) -> tuple[Figure, str]:
    """Some images, each above bars with the probabilities of its most likely classes; the class it got is marked.

    Args:
        split: with a posterior, as synthetic100 has it.
        class_names: one per class.
        rows: which images, 1 to 4 positions in the split.
        count: how many classes of each, 1 to 8.

    Returns:
        The figure, and a caption with the same probabilities.

    Raises:
        TypeError, ValueError: the split has no posterior, or rows or count are out of range.
    """
    if split.posterior is None:
        raise ValueError("split must know the probabilities of its classes (posterior), as synthetic100 does")
    check_count("rows", rows, 1, 4, "images")
    rows = [_validate.integer("rows", row, 0, len(split) - 1) for row in rows]
    count = _validate.integer("count", count, 1, min(8, len(class_names)))
    card, margin, side, line = 293, 20, 128, 26
    top = margin + side + 14
    sheet = Sheet(margin + len(rows) * (card + margin), top + count * line + margin, theme)
    likely = []
    for row in rows:
        probabilities, classes = split.posterior[row].double().topk(count)
        likely.append(
            [(class_names[j], probability) for j, probability in zip(classes, probabilities.tolist(), strict=True)]
        )
    size = fitting_size([name for few in likely for name, _ in few], 124, style.NORMAL, bold=True)
    sentences = []
    for i, (row, few) in enumerate(zip(rows, likely, strict=True)):
        x, label = margin + i * (card + margin), class_names[int(split.labels[row])]
        sheet.image(pixels(split.images[row]), x + (card - side) / 2, margin, side, side)
        for place, (name, probability) in enumerate(few):
            y, mine = top + (place + 0.5) * line, name == label
            sheet.text(x + 124, y, name, size, align="right", bold=mine)
            sheet.box(x + 132, y - 8, max(84 * probability, 1), 16, sheet.colors.series[0])
            words = f"{probability:.2f}" + " label" * mine
            sheet.text(x + 138 + 84 * probability, y, words, style.SMALL, align="left", bold=mine)
        sheet.line((x + 132, top), (x + 132, top + count * line), sheet.colors.muted)
        listed = ", ".join(f"{name} {probability:.2f}" for name, probability in few)
        sentences.append(f"image {i + 1}, labelled {label}: {listed}")
    return sheet.figure(), "; ".join(sentences) + "."


@style.locked
def blob_map(mixtures: Sequence[BlobMixture], names: Sequence[str], theme: str = "light") -> tuple[Figure, str]:
    """The probability of the likeliest class at every place, with the class names at the centres of their blobs.

    Args:
        mixtures: up to three, of two dimensions, usually the same one with growing spread.
        names: one per class.

    Returns:
        The figure, and a caption with the best possible top-1 and top-2 accuracy of each.

    Raises:
        ValueError: no mixture or too many, another number of dimensions, or names that do not fit.
    """
    check_count("mixtures", mixtures, 1, 3, "mixtures")
    for mixture in mixtures:
        if mixture.dims != 2 or mixture.num_classes != len(names):
            found = f"{mixture.num_classes} classes in {mixture.dims} dimensions"
            raise ValueError(f"mixtures must have {len(names)} classes (one per name) in 2 dimensions, got {found}")
    side, gap, top, said = 296, 16, 44, []
    sheet = Sheet(gap + len(mixtures) * (side + gap), top + side + 56, theme)
    for i, mixture in enumerate(mixtures):
        x = gap + i * (side + gap)
        best = best_topk_accuracy(mixture.posterior(mixture.draw(4000)[0]), ks=(1, 2))
        first, two = (f"{100 * best[k]:.0f} %" for k in (1, 2))
        sheet.text(x, 22, f"spread {mixture.spread:g}", style.LARGE, align="left", bold=True)
        sheet.text(x + side, 22, f"best top-1 {first}, top-2 {two}", style.SMALL, align="right")
        reach, fine, lowest = 1.12 * mixture.centres.abs().max().item(), 148, 1 / len(names)
        steps = torch.linspace(-reach, reach, fine, dtype=torch.double)
        up, across = torch.meshgrid(steps.flip(0), steps, indexing="ij")
        surest = mixture.posterior(torch.stack([across, up], dim=-1).flatten(0, 1)).amax(dim=1).view(fine, fine)
        colors = style.heat((surest.numpy() - lowest) / (1 - lowest))  # the largest of n probabilities is 1/n or more
        sheet.image(colors, x, top, side, side)
        for name, blobs in zip(names, mixture.centres, strict=True):
            for right, down in ((blobs * torch.tensor([1, -1]) / reach + 1) / 2).tolist():
                ink = style.on(colors[int(down * fine), int(right * fine)]).item()
                sheet.text(x + right * side, top + down * side, name, style.SMALL, ink, bold=True)
        said.append(f"at spread {mixture.spread:g} {first} and {two}")
    heat_scale(
        sheet, gap + 34, top + side + 24, 180, 18, f"{1 / len(names):.2f}", "1    probability of the likeliest class"
    )
    return sheet.figure(), f"Best possible top-1 and top-2 accuracy: {'; '.join(said)}."
