"""The images of a run of a grid, loaded once per process."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ..config import Config
from ..data import ImageData, load
from ..training.validation import split_off
from .grid import Grid, Job

DRAWN = 50_000  # training images of synthetic100, unless fewer are asked for


def images_of(grid: Grid, job: Job, data_dir: str) -> ImageData:
    """The images of a run. Where it tunes, validation images take the place of the test images, which stay unseen."""
    config = grid.config(job)
    if job.role == "test":
        return _load(config, data_dir, config.train_size, config.test_size)
    whole = None if config.dataset == "synthetic100" else _whole(config.dataset, data_dir, config.size)
    if whole is not None and whole.validation is not None:
        return replace(whole.subset(config.train_size, None, config.seed), test=whole.validation)
    there = DRAWN if whole is None else len(whole.train)
    count = min(grid.validation, there // 5)
    size = there if config.train_size is None else min(there, config.train_size + count)
    data = _load(config, data_dir, size, 1)
    kept, held = split_off(data.train, count / size, config.seed)
    return replace(data, train=kept, test=held)


def _load(config: Config, data_dir: str, train_size: int | None, test_size: int | None) -> ImageData:
    if config.dataset == "synthetic100":
        return _drawn(train_size, test_size, config.seed)
    return _whole(config.dataset, data_dir, config.size).subset(train_size, test_size, config.seed)


@lru_cache(maxsize=2)
def _whole(dataset: str, data_dir: str, size: int | None) -> ImageData:
    return load(dataset, data_dir, size=size)


@lru_cache(maxsize=2)
def _drawn(train_size: int | None, test_size: int | None, seed: int) -> ImageData:
    return load("synthetic100", seed=seed, train_size=train_size, test_size=test_size)


def forget_images() -> None:
    """Let go of the images that this process has loaded."""
    _whole.cache_clear()
    _drawn.cache_clear()
