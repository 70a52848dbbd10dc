"""What `python -m topk_lib train --dataset embeddings:FILE` does with its options."""

from __future__ import annotations

import argparse
from contextlib import closing

import torch

from ..data import EmbeddingData, load_embeddings
from .commands import blaming_input
from .compare import LOSS_NAMES
from .config import TOPK_ONLY, Config
from .distributed import refuse_several
from .head import fit_head
from .machine import pick_device
from .options import config_from
from .progress import Progress
from .record import refuse_existing, save_run

PREFIX = "embeddings:"
OF_RUN = ("epochs", "lr", "batch_size", "seed", "device", "recipe", "dataset", "loss", *TOPK_ONLY)
UNREAD = ("command", "typed", "data_dir", "out", "overwrite", "quiet")
FAST = {"epochs": 20, "lr": 1e-3, "batch_size": 500}
SMALL_IMAGENET = 1000  # classes; what has more is treated as the 10 450 of ImageNet-21K-P are
PAPER_LOSS = {"distribution": "logistic_phi", "steepness": 1.0, "art_lambda": 0.5}


def train_head(options: argparse.Namespace) -> None:
    """Train a linear head on stored embeddings; leave result.json and model.pt in --out.

    Raises:
        InputError: before any training.
        FloatingPointError, OSError: the training diverged, or its result cannot be written.
    """
    with blaming_input():
        refuse_several("training a head")
        progress = Progress(quiet=options.quiet)
        _refuse_image_options(options)
        config_from(options)
        refuse_existing(options.out, options.overwrite)
        place = pick_device(options.device or "auto")
        data = load_embeddings(options.dataset.removeprefix(PREFIX))
        config, settings = _settings(options, data)
        loss_fn = config.make_loss()
        loss_fn(torch.zeros(1, data.num_classes), data.train.labels[:1])
        progress.say(
            f"Training a linear head on {len(data.train):,} embeddings of {data.dimensions} numbers, "
            f"{data.num_classes:,} classes,\n{settings['epochs']} epochs with {LOSS_NAMES[config.loss]} on {place}.\n"
        )
    callbacks = {"on_batch": progress.on_batch, "on_epoch": progress.on_epoch}
    with closing(progress):
        head, record = fit_head(data, loss_fn, **settings, **callbacks)
    resolved = config.resolved() | settings
    record["config"] |= {name: resolved[name] for name in OF_RUN} | {"model": "linear"}
    path = save_run(options.out, head, record, options.overwrite)
    final = ", ".join(f"{k.replace('top', 'top-')} {100 * value:.1f} %" for k, value in record["final"].items())
    progress.say(f"\nOn all {len(data.test):,} test embeddings, with the weights of the last epoch: {final}")
    progress.say(f"{record['train_seconds']:.1f} s of training, not counting evaluation. Written: {path}")


def _refuse_image_options(options: argparse.Namespace) -> None:
    if options.dataset == PREFIX:
        raise ValueError(f"dataset must be {PREFIX}FILE to train a head, got {options.dataset!r}")
    for name, value in vars(options).items():
        if value and name not in (*OF_RUN, *UNREAD):
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
    return config, recipe | given | {"seed": config.seed, "device": config.device}
