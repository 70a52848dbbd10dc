"""Samples to choose by, an epoch or a learning rate: neither trained on nor tested on."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import torch

from ..data import Data, EmbeddingSplit, Split

AnySplit = TypeVar("AnySplit", bound=Split | EmbeddingSplit)


def hold_out(data: Data, fraction: float, seed: int) -> tuple[Split | EmbeddingSplit, Split | EmbeddingSplit | None]:
    """The samples to train on, and those to watch: the data set's own validation samples, or a part of the others.

    Args, raises: as for `split_off`.
    """
    return split_off(data.train, fraction, seed) if data.validation is None else (data.train, data.validation)


def split_off(train: AnySplit, fraction: float, seed: int) -> tuple[AnySplit, AnySplit | None]:
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
    return _only(train, order[count:].sort().values), _only(train, order[:count].sort().values)


def first(split: AnySplit) -> AnySplit:
    """The first sample alone, without its posterior: what an evaluation that does not count takes least time for."""
    samples, labels = split.rows(slice(1))
    return replace(split, **{_samples(split): samples, "labels": labels, "posterior": None})


def _only(split: AnySplit, rows: torch.Tensor) -> AnySplit:
    samples, labels = split.rows(rows)
    known = None if split.posterior is None else split.posterior[rows]
    return replace(split, **{_samples(split): samples, "labels": labels, "posterior": known})


def _samples(split: Split | EmbeddingSplit) -> str:
    return "images" if isinstance(split, Split) else "features"
