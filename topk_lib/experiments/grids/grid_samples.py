"""The samples of a run of a grid, loaded once per process."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ...registry import settings_of
from ..config import Config
from ..data import DATASETS, Data, ImageData, load
from ..data.base import split_off
from .grid import Grid, Job

DRAWN = 50_000  # training images of synthetic100, unless fewer are asked for


def samples_of(grid: Grid, job: Job, data_dir: str) -> Data:
    """The samples of a run. Where it tunes, validation samples take the place of the test samples, which stay away."""
    config = grid.config(job)
    if job.role == "test":
        return _load(config, data_dir)
    if config.dataset != "synthetic100" and (data := _load(config, data_dir)).validation is not None:
        return replace(data, test=data.validation, validation=None)
    there = DRAWN if config.dataset == "synthetic100" else len(_load(config.replace(train_size=None), data_dir).train)
    count = min(grid.validation, there // 5)
    size = there if config.train_size is None else min(there, config.train_size + count)
    data = _load(config.replace(train_size=size, test_size=1), data_dir)
    kept, held = split_off(data.train, count / size, config.seed)
    return replace(data, train=kept, test=held)


def _load(config: Config, data_dir: str) -> Data:
    asked = config.for_load()
    name, _ = DATASETS.find(config.dataset)
    if "data_dir" not in settings_of(DATASETS[name]) and "path" not in settings_of(DATASETS[name]):
        return _drawn(tuple(asked.items()))
    train_size, test_size = asked.pop("train_size"), asked.pop("test_size")
    whole = _whole(tuple((key, value) for key, value in asked.items() if key != "seed"), data_dir)
    return whole.subset(train_size, test_size, config.seed) if isinstance(whole, ImageData) else whole


@lru_cache(maxsize=2)
def _whole(asked: tuple, data_dir: str) -> Data:
    return load(**dict(asked), data_dir=data_dir)


@lru_cache(maxsize=4)
def _drawn(asked: tuple) -> Data:
    return load(**dict(asked))


def forget_samples() -> None:
    """Let go of the samples that this process has loaded."""
    _whole.cache_clear()
    _drawn.cache_clear()
