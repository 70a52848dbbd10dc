"""A run by its `Config`: everything in it is built by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from .. import _validate
from .config import Config
from .data import Data, ImageData, load
from .models import Normalize, make_model
from .training.loop import FitResult, fit
from .training.validation import hold_out


def run(config: Config, data: Data | None = None, **of_fit: Any) -> FitResult:
    """Train the network that ``config`` describes, as it says, and evaluate it.

    First weights, order and augmentation follow from ``config.seed``: runs that differ in the loss start from the same
    weights and see the same batches.

    Args:
        config: what to train, and how.
        data: the data set, where it is loaded already.
        of_fit: on_batch, on_epoch, watch, checkpoint, processes, as for `topk_lib.experiments.fit`.

    Returns, raises:
        As `topk_lib.experiments.fit` does.
    """
    data = load_for(config) if data is None else data
    return fit(**arguments(config, data), **of_fit)


def arguments(config: Config, data: Data) -> dict[str, Any]:
    """What `topk_lib.experiments.fit` is called with for a run."""
    recipe = config.make_recipe()
    train, _ = hold_out(data, recipe.val_fraction, config.seed)
    return {
        "model": build_model(config.model, replace(data, train=train), config.seed),
        "loss_fn": config.make_loss(),
        "data": data,
        "recipe": recipe,
        **{name: getattr(config, name) for name in ("seed", "device", "precision")},
        "config": config.resolved(),
    }


def load_for(config: Config, data_dir: str = "data", download: bool = False) -> Data:
    """The data set of a run; raises as `topk_lib.experiments.data.load` does."""
    return load(**config.for_load(), data_dir=data_dir, download=download)


def build_model(name: str, data: Data, seed: int = 0) -> nn.Module:
    """A new network for a data set, initialized from the seed; the global random state is left alone.

    Args:
        name: as `topk_lib.experiments.models.make_model` takes it.
        data: whose samples it takes and whose classes it tells apart.
        seed: at least 0.

    Returns:
        A module that maps samples as the data set stores them to logits (B, classes). For images it normalizes them by
        the statistics of the training images, which its state_dict holds.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(_validate.integer("seed", seed, 0))
        network = make_model(name, data.num_classes, data.input_shape)
    return nn.Sequential(Normalize.of(data.train.images), network) if isinstance(data, ImageData) else network
