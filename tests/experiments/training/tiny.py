"""A data set small enough to train on in a second: bright bars whose place says the class, in noise."""

from __future__ import annotations

import torch

from topk_lib.experiments.data import ImageData, Split


def tiny_data(classes: int = 6, train: int = 96, test: int = 23, side: int = 16, seed: int = 0) -> ImageData:
    """``classes`` bars in images of side x side pixels; ``test`` is no multiple of a batch size on purpose."""
    generator = torch.Generator().manual_seed(seed)
    splits = [_bars(classes, count, side, generator) for count in (train, test)]
    return ImageData("tiny", *splits, tuple(f"bar {i}" for i in range(classes)))


def _bars(classes: int, count: int, side: int, generator: torch.Generator) -> Split:
    labels = torch.arange(count) % classes
    images = torch.randint(0, 120, (count, 3, side, side), generator=generator, dtype=torch.uint8)
    rows = torch.arange(side)[None, :] * classes // side == labels[:, None]
    images += (rows[:, None, :, None] * 130).to(torch.uint8)
    return Split(images, labels)


def coded_split(count: int, side: int = 4) -> Split:
    """Images of one colour each, image i of colour i and label i: no crop or flip can hide which one it is."""
    labels = torch.arange(count)
    return Split(labels[:, None, None, None].expand(count, 3, side, side).to(torch.uint8).contiguous(), labels)
