"""What `python -m topk_lib train` does with its options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from ..config import Config
from ..data import ImageData, load
from ..record import save_run
from ..training.checkpoint import Checkpoint
from ..training.distributed import ALONE, Processes, joined
from ..training.estimate import duration, predict_seconds
from ..training.interrupts import put_off
from ..training.loop import BatchInfo, Trained, fit
from ..training.machine import pick_device, pick_precision
from .compare import LOSS_NAMES
from .options import as_flag, config_from
from .progress import Progress
from .resume import is_finished, open_checkpoint, say_where_it_goes_on, telling_how_to_go_on
from .settings_file import fill_in


class InputError(Exception):
    """The options, or the files that they name, cannot be used; the text says why in one line."""


def train(options: argparse.Namespace) -> None:
    """Train one network; leave result.json and model.pt in --out.

    Raises:
        InputError: before any training.
        FloatingPointError, OSError: the training diverged, or its result cannot be written.
        KeyboardInterrupt: it was interrupted; the text says how to go on.
    """
    with blaming_input():
        fill_in(options)
    if options.dataset.startswith("embeddings:"):
        from .head_command import train_head

        return train_head(options)
    with ExitStack() as stack:
        with blaming_input():
            config = config_from(options)
            processes = stack.enter_context(joined(config.device))
        _train_on_images(config, options, processes)


def _train_on_images(config: Config, options: argparse.Namespace, processes: Processes) -> None:
    with blaming_input():
        progress = Progress(quiet=options.quiet or not processes.leads)
        if is_finished(options, config.resolved(), progress):
            return
        checkpoint = open_checkpoint(options)
        with processes.one_first():
            data = load_data(config, options, progress)
        left = say_where_it_goes_on(checkpoint.read(config, data), options, progress)
        announce([config], data, progress, left, processes)
    finish(partial(fit, config, data, processes=processes), checkpoint, options, progress, processes)


def finish(
    fit: Callable[..., Trained],
    checkpoint: Checkpoint,
    options: argparse.Namespace,
    progress: Progress,
    processes: Processes = ALONE,
) -> None:
    """Train to the end, or until a signal comes; leave the result in --out and say what it is.

    Args:
        fit: trains, given on_batch, on_epoch and checkpoint.
        checkpoint: where the run is kept until then.
        options, progress, processes: of the command.

    Raises:
        FloatingPointError, OSError, KeyboardInterrupt: as `train` does.
    """
    with telling_how_to_go_on(options), closing(progress), put_off() as interrupts:

        def on_batch(step: int, info: BatchInfo) -> None:
            progress.on_batch(step, info)
            interrupts.check(processes)

        model, record = fit(on_batch=on_batch, on_epoch=progress.on_epoch, checkpoint=checkpoint)
    if not processes.leads:
        return
    with telling_how_to_go_on(options):
        path = save_run(options.out, model, record, options.overwrite or options.resume)
        checkpoint.path.unlink(missing_ok=True)
    final = ", ".join(f"{k.replace('top', 'top-')} {100 * value:.1f} %" for k, value in record["final"].items())
    kind = "embeddings" if "test_embeddings" in record["data"] else "images"
    count = record["data"][f"test_{kind}"]
    progress.say(f"\nOn all {count:,} test {kind}, with the weights of {_chosen(record)}: {final}")
    progress.say(f"{record['train_seconds']:.1f} s of training, not counting evaluation. Written: {path}")


def load_data(config: Config, options: argparse.Namespace, progress: Progress) -> ImageData:
    """The images of a run, after a look at whether its device exists."""
    pick_device(config.device)
    if config.dataset == "synthetic100":
        progress.say("Drawing the images")
    sizes = {name: getattr(config, name) for name in ("train_size", "test_size", "size")}
    return load(config.dataset, options.data_dir, download=options.download, seed=config.seed, **sizes)


def announce(
    configs: list[Config], data: ImageData, progress: Progress, left: float = 1.0, processes: Processes = ALONE
) -> None:
    """Say what will be trained and for how long, if a part of it is left; a loss that does not fit is found so."""
    seconds = left * sum(predict_seconds(config, data, batches=4, processes=processes) for config in configs)
    config, device = configs[0], pick_device(configs[0].device)
    together = f" in {processes.size} processes" if processes.size > 1 else ""
    losses = " and then ".join(LOSS_NAMES[each.loss] for each in configs)
    progress.say(
        f"Training {config.model} on {len(data.train):,} images of {data.num_classes} classes, "
        f"{config.make_recipe().epochs} epochs with {losses},\n"
        f"on {device}{together}, {pick_precision(config.precision, device)}. It will take about {duration(seconds)}.\n"
    )


def _chosen(record: dict[str, object]) -> str:
    if record.get("chosen_by", "last") == "last":
        return "the last epoch"
    name = record["chosen_by"].replace("top", "top-")
    return f"epoch {record['chosen_epoch']}, the best in {name} on the held-out images"


@contextmanager
def blaming_input() -> Iterator[None]:
    """Errors about settings and files become an `InputError` that names the option."""
    try:
        yield
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise InputError(as_flag(" ".join(str(error).split()))) from error
