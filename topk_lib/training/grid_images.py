"""The images of a run of a grid, loaded once per process."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ..data import ImageData, load
from .build import hold_out
from .grid import Grid, Job

DRAWN = 50_000  # training images of synthetic100, unless fewer are asked for


def images_of(grid: Grid, job: Job, data_dir: str) -> ImageData:
    """The images of a run. Where it tunes, validation images take the place of the test images, which stay unseen."""
    config = grid.config(job)
    if job.role == "test":
        return _load(config.dataset, data_dir, config.train_size, config.test_size, config.seed)
    there = DRAWN if config.dataset == "synthetic100" else len(_whole(config.dataset, data_dir).train)
    count = min(grid.validation, there // 5)
    size = there if config.train_size is None else min(there, config.train_size + count)
    data = _load(config.dataset, data_dir, size, 1, config.seed)
    kept, held = hold_out(data.train, count / size, config.seed)
    return replace(data, train=kept, test=held)


def _load(dataset: str, data_dir: str, train_size: int | None, test_size: int | None, seed: int) -> ImageData:
    if dataset == "synthetic100":
        return _drawn(train_size, test_size, seed)
    return _whole(dataset, data_dir).subset(train_size, test_size, seed)


@lru_cache(maxsize=2)
def _whole(dataset: str, data_dir: str) -> ImageData:
    return load(dataset, data_dir)


@lru_cache(maxsize=2)
def _drawn(train_size: int | None, test_size: int | None, seed: int) -> ImageData:
    return load("synthetic100", seed=seed, train_size=train_size, test_size=test_size)


def forget_images() -> None:
    """Let go of the images that this process has loaded."""
    _whole.cache_clear()
    _drawn.cache_clear()
