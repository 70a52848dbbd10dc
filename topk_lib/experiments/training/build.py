"""What a run starts from: its network, and its images."""

from __future__ import annotations

import torch
from torch import nn

from ..config import Config
from ..data import ImageData, Split
from ..models import Normalize, make_model


def build_model(config: Config, train: Split, num_classes: int) -> nn.Module:
    """The network of a run, initialized from ``config.seed``; the global random state is left alone.

    Returns:
        A module that maps uint8 images (B, 3, H, W) to logits (B, num_classes). It normalizes them by the
        statistics of the training images, which its state_dict holds.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(config.seed)
        network = make_model(config.model, num_classes, train.images.shape[1:])
    return nn.Sequential(Normalize.of(train.images), network)


def hold_out_of(data: ImageData, fraction: float, seed: int) -> tuple[Split, Split | None]:
    """The images to train on, and those to watch: the data set's own validation images, or else a part of the others.

    Args, raises: as for `hold_out`.
    """
    return hold_out(data.train, fraction, seed) if data.validation is None else (data.train, data.validation)


def hold_out(train: Split, fraction: float, seed: int) -> tuple[Split, Split | None]:
    """Keep a random part of the training images away from training.

    Args:
        train: N images.
        fraction: of them, from 0 (none) to less than 1; a fraction above 0 keeps at least one.
        seed: chooses which.

    Returns:
        The images to train on, and those held out or None.

    Raises:
        ValueError: no image would be left to train on.
    """
    count = max(1, round(fraction * len(train))) if fraction else 0
    if fraction < 0 or count >= len(train):
        raise ValueError(f"fraction must leave an image of {len(train)} to train on, got {fraction}")
    if count == 0:
        return train, None
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))
    kept, held = order[count:].sort().values, order[:count].sort().values
    return Split(train.images[kept], train.labels[kept]), Split(train.images[held], train.labels[held])
