"""What `python -m topk_lib train --dataset embeddings:FILE` does with its options."""

from __future__ import annotations

import argparse
from functools import partial

import torch

from ..config import TOPK_ONLY, Config
from ..data import EmbeddingData, load_embeddings
from ..training.distributed import refuse_several
from ..training.head import describe_settings, fit_head
from ..training.machine import pick_device
from .commands import blaming_input, finish
from .compare import LOSS_NAMES
from .options import config_from
from .progress import Progress
from .resume import is_finished, open_checkpoint, say_where_it_goes_on

PREFIX, MODEL = "embeddings:", "linear"
OF_RUN = ("epochs", "lr", "batch_size", "seed", "device", "recipe", "dataset", "loss", *TOPK_ONLY)
UNREAD = ("command", "typed", "data_dir", "out", "overwrite", "quiet", "resume", "checkpoint_every")
FAST = {"epochs": 20, "lr": 1e-3, "batch_size": 500}
SMALL_IMAGENET = 1000  # classes; what has more is treated as the 10 450 of ImageNet-21K-P are
PAPER_LOSS = {"distribution": "logistic_phi", "steepness": 1.0, "art_lambda": 0.5}


def train_head(options: argparse.Namespace) -> None:
    """Train a linear head on stored embeddings; leave result.json and model.pt in --out.

    Raises:
        InputError, FloatingPointError, OSError, KeyboardInterrupt: as `train` does.
    """
    with blaming_input():
        refuse_several("training a head")
        progress = Progress(quiet=options.quiet)
        _refuse_image_options(options)
        config_from(options)
        checkpoint = open_checkpoint(options)
        place = pick_device(options.device or "auto")
        data = load_embeddings(options.dataset.removeprefix(PREFIX))
        config, settings = _settings(options, data)
        resolved = config.resolved() | settings
        named = {name: resolved[name] for name in OF_RUN} | {"model": MODEL}
        loss_fn = config.make_loss()
        loss_fn(torch.zeros(1, data.num_classes), data.train.labels[:1])
        described = describe_settings(loss_fn, **settings) | named
        if is_finished(options, described, progress):
            return
        say_where_it_goes_on(checkpoint.read(described, data), options, progress)
        progress.say(
            f"Training a linear head on {len(data.train):,} embeddings of {data.dimensions} numbers, "
            f"{data.num_classes:,} classes,\n{settings['epochs']} epochs with {LOSS_NAMES[config.loss]} on {place}.\n"
        )
    fit = partial(fit_head, data, loss_fn, **settings, device=config.device, named=named)
    finish(fit, checkpoint, options, progress)


def _refuse_image_options(options: argparse.Namespace) -> None:
    if options.dataset == PREFIX:
        raise ValueError(f"dataset must be {PREFIX}FILE to train a head, got {options.dataset!r}")
    for name, value in vars(options).items():
        if value and name not in (*OF_RUN, *UNREAD) and (name, value) != ("model", MODEL):
            raise ValueError(f"--{name.replace('_', '-')} must be left out with embeddings, got {value!r}")
    if options.recipe not in (None, "fast", "paper"):
        raise ValueError(f"recipe must be fast or paper with embeddings, got {options.recipe!r}")


def _settings(options: argparse.Namespace, data: EmbeddingData) -> tuple[Config, dict[str, object]]:
    """What was asked for, and what the recipe fills in: of the loss, and of the training."""
    few = data.num_classes <= SMALL_IMAGENET
    recipe, of_loss = dict(FAST), {}
    if options.recipe == "paper":
        recipe["lr"] = 10**-4.5 if few else 1e-4
        if options.loss == "topk":
            of_loss["m"] = options.m or min(16 if few else 50, data.num_classes)
        if options.loss == "topk" and all(getattr(options, name) is None for name in TOPK_ONLY[1:6]):
            of_loss |= PAPER_LOSS
    config = config_from(options, **of_loss)
    given = {name: value for name in recipe if (value := getattr(options, name)) is not None}
    return config, recipe | given | {"seed": config.seed}
