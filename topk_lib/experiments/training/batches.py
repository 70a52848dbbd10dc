"""In which batches a training sees its samples: shuffled anew in each epoch; images cropped and flipped at random."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ... import _validate
from ..data import EmbeddingSplit, Split


class Order:
    """In which order samples are seen; what derives from it makes batches of them, one epoch per iteration.

    The order comes from a generator of its own, so that two runs with one seed see the same batches whatever else they
    do. The ``count`` mod ``size`` samples at the end of the shuffled order sit the epoch out, so that all batches are
    of one size; another epoch leaves out others.

    Args:
        count: of samples, at least 1.
        size: samples per batch, at least 1; where there are fewer, all of them are one batch.
        seed: of the order.
        device: where the indices are moved, once an epoch.

    An iteration that was broken off is gone on with by the next one.
    """

    def __init__(self, count: int, size: int, seed: int = 0, device: torch.device | str = "cpu") -> None:
        self.count, self.size = count, min(_validate.integer("size", size, 1), count)
        self.device = torch.device(device)
        self.generator = torch.Generator().manual_seed(seed)
        self.order, self.done = torch.empty(0, dtype=torch.long), 0

    def __len__(self) -> int:
        return self.count // self.size

    def indices(self) -> Iterator[Tensor]:
        """The rows of each batch that is left of the epoch, (B,) int64."""
        if self.done == 0:
            self.order = torch.randperm(self.count, generator=self.generator)
        for chosen in moved(self.order, self.device).split(self.size)[self.done : len(self)]:
            self.done += 1
            yield chosen
        self.done = 0

    def state_dict(self) -> dict[str, Any]:
        """Where in which epoch the batches are, and what will be drawn next."""
        return {"order": self.order, "done": self.done, "generator": self.generator.get_state()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was called, with as many samples."""
        self.order, self.done = state["order"], state["done"]
        self.generator.set_state(state["generator"])


def moved(numbers: Tensor, device: torch.device) -> Tensor:
    """What was drawn on the CPU, on the device; a GPU gets it from pinned memory, so that nothing waits for it."""
    if device.type == "cuda":
        return numbers.pin_memory().to(device, non_blocking=True)
    return numbers.to(device)


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
    mirrored = (np.pad(np.arange(size), padding, mode="reflect") for size in images.shape[2:])
    rows, columns = (torch.from_numpy(places).to(images.device) for places in mirrored)
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


class ImageBatches(Order):
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
        for chosen in self.indices():
            images = random_crop(self.windows, chosen, self.generator)
            if self.flip:
                images = random_flip(images, self.generator)
            yield images, self.labels[chosen]


class VectorBatches(Order):
    """Embeddings or points in shuffled batches, of which one at a time is in memory; see `Order`.

    Iterating yields (features (B, d) float32, labels (B,)), on the device.
    """

    def __init__(self, split: EmbeddingSplit, size: int, seed: int = 0, device: torch.device | str = "cpu") -> None:
        super().__init__(len(split), size, seed)
        self.split, self.target = split, torch.device(device)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for chosen in self.indices():
            features, labels = self.split.rows(chosen)
            yield as_input(features, self.target), labels.to(self.target)


def as_input(samples: Tensor, device: torch.device | str) -> Tensor:
    """Samples on the device, as a network takes them: images as they are, all other numbers as float32.

    float64, which MPS refuses, is rounded before it gets there.
    """
    samples = samples.float() if samples.dtype == torch.float64 else samples
    samples = samples.to(device)
    return samples.float() if samples.is_floating_point() else samples
