"""Random crops and flips of a whole batch at once, on images that lie in memory."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ... import _validate
from ..data import Split
from .order import Order, moved


def reflect_pad(images: Tensor, padding: int) -> Tensor:
    """Enlarge images by mirroring ``padding`` pixels on each side; the edge pixel itself is not repeated.

    Args:
        images: (N, C, H, W) of any type; PyTorch's own reflection takes no uint8.
        padding: from 0 to the smaller of H and W, less one.

    Returns:
        (N, C, H + 2 * padding, W + 2 * padding).

    Raises:
        TypeError, ValueError: padding is not an int, or too large for the images.
    """
    padding = _validate.integer("padding", padding, 0, min(images.shape[2:]) - 1)
    if padding == 0:
        return images
    rows, columns = (_mirrored(size, padding).to(images.device) for size in images.shape[2:])
    return images[:, :, rows][:, :, :, columns]


def every_window(padded: Tensor, padding: int) -> Tensor:
    """All windows of the original size, as a view.

    Args:
        padded: (N, C, H + 2 * padding, W + 2 * padding).
        padding: pixels that a window may move up, down, left or right of the middle.

    Returns:
        (N, C, 2 * padding + 1, 2 * padding + 1, H, W): image, channel, top and left of the window, window.
    """
    height, width = (size - 2 * padding for size in padded.shape[2:])
    return padded.unfold(2, height, 1).unfold(3, width, 1)


def random_crop(windows: Tensor, chosen: Tensor, generator: torch.Generator) -> Tensor:
    """One window of each chosen image, every place as likely as any other.

    Args:
        windows: (N, C, tops, lefts, H, W) from `every_window`.
        chosen: (B,) int64, which images.
        generator: draws the places, on the CPU.

    Returns:
        (B, C, H, W).
    """
    places = (torch.randint(size, chosen.shape, generator=generator) for size in windows.shape[2:4])
    top, left = (moved(place, windows.device) for place in places)
    return windows[chosen, :, top, left]


def random_flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror each image left to right with probability 1/2; the shape (B, C, H, W) stays."""
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(moved(mirrored, images.device)[:, None, None, None], images.flip(3), images)


class Batches(Order):
    """Training images in shuffled, augmented batches; iterating once is one epoch.

    Augmentation is drawn with the order: a seed decides on both. See `Order` for what sits an epoch out.

    Args:
        split: the N images and their labels.
        size: images per batch, at least 1; where N is smaller, all N images are one batch.
        padding: crops come from images reflected by so many pixels; 0 for no crops.
        flip: mirror half of the images.
        seed: of order and augmentation.
        device: where the images are moved, once, and the batches are made.

    Iterating yields (images (B, C, H, W) uint8, labels (B,) int64).
    """

    def __init__(
        self,
        split: Split,
        size: int,
        padding: int = 0,
        flip: bool = False,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__(len(split), size, seed, device)
        self.windows = every_window(reflect_pad(split.images.to(device), padding), padding)
        self.labels = split.labels.to(device)
        self.flip = flip

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for chosen in super().__iter__():
            images = random_crop(self.windows, chosen, self.generator)
            if self.flip:
                images = random_flip(images, self.generator)
            yield images, self.labels[chosen]


def _mirrored(size: int, padding: int) -> Tensor:
    place = torch.arange(-padding, size + padding).abs()
    return torch.where(place < size, place, 2 * (size - 1) - place)
