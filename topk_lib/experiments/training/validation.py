"""Samples to choose by, an epoch or a learning rate: neither trained on nor tested on."""

from __future__ import annotations

import torch

from ..data import Data, EmbeddingSplit, Split
from ..data.base import Same


def hold_out(data: Data, fraction: float, seed: int) -> tuple[Split | EmbeddingSplit, Split | EmbeddingSplit | None]:
    """The samples to train on, and those to watch: the data set's own validation samples, or a part of the others.

    Args, raises: as for `split_off`.
    """
    return split_off(data.train, fraction, seed) if data.validation is None else (data.train, data.validation)


def split_off(train: Same, fraction: float, seed: int) -> tuple[Same, Same | None]:
    """Keep a random part of the training samples away from training.

    Args:
        train: N samples.
        fraction: of them, from 0 (none) to less than 1; a fraction above 0 keeps at least one.
        seed: chooses which.

    Returns:
        The samples to train on, and those held out or None.

    Raises:
        ValueError: no sample would be left to train on.
    """
    count = max(1, round(fraction * len(train))) if fraction else 0
    if fraction < 0 or count >= len(train):
        raise ValueError(f"fraction must leave a sample of {len(train)} to train on, got {fraction}")
    if count == 0:
        return train, None
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))
    return train.only(order[count:].sort().values), train.only(order[:count].sort().values)
