"""What `python -m topk_lib train` does with its options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager

from ..data import ImageData, load
from .compare import LOSS_NAMES
from .config import Config
from .estimate import duration, predict_seconds
from .loop import fit
from .machine import pick_device, pick_precision
from .options import as_flag, config_from
from .progress import Progress
from .record import refuse_existing, save_run


class InputError(Exception):
    """The options, or the files that they name, cannot be used; the text says why in one line."""


def train(options: argparse.Namespace) -> None:
    """Train one network; leave result.json and model.pt in --out.

    Raises:
        InputError: before any training.
        FloatingPointError, OSError: the training diverged, or its result cannot be written.
    """
    if options.dataset.startswith("embeddings:"):
        from .head_command import train_head

        return train_head(options)
    with blaming_input():
        progress = Progress(quiet=options.quiet)
        config = config_from(options)
        refuse_existing(options.out, options.overwrite)
        data = load_data(config, options, progress)
        announce([config], data, progress)
    with closing(progress):
        model, record = fit(config, data, on_batch=progress.on_batch, on_epoch=progress.on_epoch)
    path = save_run(options.out, model, record, options.overwrite)
    final = ", ".join(f"{k.replace('top', 'top-')} {100 * value:.1f} %" for k, value in record["final"].items())
    progress.say(f"\nOn all {len(data.test):,} test images, with the weights of the last epoch: {final}")
    progress.say(f"{record['train_seconds']:.1f} s of training, not counting evaluation. Written: {path}")


def load_data(config: Config, options: argparse.Namespace, progress: Progress) -> ImageData:
    """The images of a run, after a look at whether its device exists."""
    pick_device(config.device)
    if config.dataset == "synthetic100":
        progress.say("Drawing the images")
    sizes = {"train_size": config.train_size, "test_size": config.test_size}
    return load(config.dataset, options.data_dir, download=options.download, seed=config.seed, **sizes)


def announce(configs: list[Config], data: ImageData, progress: Progress) -> None:
    """Say what will be trained and for how long; a loss that does not fit the data is found on the way."""
    seconds = sum(predict_seconds(config, data, batches=4) for config in configs)
    config, device = configs[0], pick_device(configs[0].device)
    losses = " and then ".join(LOSS_NAMES[each.loss] for each in configs)
    progress.say(
        f"Training {config.model} on {len(data.train):,} images of {data.num_classes} classes, "
        f"{config.make_recipe().epochs} epochs with {losses},\n"
        f"on {device}, {pick_precision(config.precision, device)}. It will take about {duration(seconds)}.\n"
    )


@contextmanager
def blaming_input() -> Iterator[None]:
    """Errors about settings and files become an `InputError` that names the option."""
    try:
        yield
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise InputError(as_flag(" ".join(str(error).split()))) from error
