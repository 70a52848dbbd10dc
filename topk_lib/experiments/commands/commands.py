"""What `python -m topk_lib train` does with its options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from ...losses import LOSSES
from ..config import Config
from ..data import EMBEDDINGS, Data
from ..record import save_run
from ..running import duration, load_for, predict_seconds, run
from ..training.checkpoint import Checkpoint
from ..training.distributed import ALONE, Processes, joined
from ..training.interrupts import put_off
from ..training.loop import BatchInfo, FitResult
from ..training.machine import pick_device, pick_precision
from ..training.record import Record
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
    with ExitStack() as stack:
        with blaming_input():
            fill_in(options)
            config = config_from(options)
            processes = stack.enter_context(joined(config.device))
        _train(config, options, processes)


def _train(config: Config, options: argparse.Namespace, processes: Processes) -> None:
    with blaming_input():
        progress = Progress(quiet=options.quiet or not processes.is_main)
        depends_on_data = config.dataset.startswith(EMBEDDINGS) and config.recipe == "paper"
        if not depends_on_data and is_finished(options, config.resolved(), progress):
            return
        checkpoint = open_checkpoint(options)
        with processes.one_first():
            data = load_data(config, options, progress)
        if depends_on_data:
            config = config.for_a_head(data.num_classes)
            if is_finished(options, config.resolved(), progress):
                return
        kept = checkpoint.read(config.resolved(), config.make_recipe(), data)
        left = say_where_it_goes_on(kept, options, progress)
        announce([config], data, progress, left, processes)
    finish(partial(run, config, data, processes=processes), checkpoint, options, progress, processes)


def finish(
    train: Callable[..., FitResult],
    checkpoint: Checkpoint,
    options: argparse.Namespace,
    progress: Progress,
    processes: Processes = ALONE,
) -> None:
    """Train to the end, or until a signal comes; leave the result in --out and say what it is. Raises as `train` does.

    ``train`` is called with on_batch, on_epoch and checkpoint.
    """
    with telling_how_to_go_on(options), closing(progress), put_off() as interrupts:

        def on_batch(step: int, info: BatchInfo) -> None:
            progress.on_batch(step, info)
            interrupts.check(processes)

        model, record = train(on_batch=on_batch, on_epoch=progress.on_epoch, checkpoint=checkpoint)
    if not processes.is_main:
        return
    with telling_how_to_go_on(options):
        path = save_run(options.out, model, record, options.overwrite or options.resume)
        checkpoint.path.unlink(missing_ok=True)
    final = ", ".join(f"{k.replace('top', 'top-')} {100 * value:.1f} %" for k, value in record["final"].items())
    sizes = {name.removeprefix("test_"): count for name, count in record["data"].items() if name.startswith("test_")}
    ((kind, count),) = sizes.items()
    progress.say(f"\nOn all {count:,} test {kind}, with the weights of {_chosen(record, kind)}: {final}")
    progress.say(f"{record['train_seconds']:.1f} s of training, not counting evaluation. Written: {path}")


def load_data(config: Config, options: argparse.Namespace, progress: Progress) -> Data:
    """The data set of a run, after a look at whether its device exists."""
    pick_device(config.device)
    if config.dataset == "synthetic100":
        progress.say("Drawing the images")
    return load_for(config, options.data_dir, options.download)


def announce(
    configs: list[Config], data: Data, progress: Progress, left: float = 1.0, processes: Processes = ALONE
) -> None:
    """Say what will be trained and for how long, if a part of it is left; a loss that does not fit is found so."""
    seconds = left * sum(predict_seconds(config, data, batches=4, processes=processes) for config in configs)
    config, device = configs[0], pick_device(configs[0].device)
    precision = pick_precision(config.precision, device, data.kind == "images")
    together = f" in {processes.size} processes" if processes.size > 1 else ""
    losses = " and then ".join(LOSSES.display_name(each.loss) for each in configs)
    progress.say(
        f"Training {config.model} on {len(data.train):,} {data.kind} of {data.num_classes:,} classes, "
        f"{config.make_recipe().epochs} epochs with {losses},\n"
        f"on {device}{together}, {precision}. It will take about {duration(seconds)}.\n"
    )


def _chosen(record: Record, kind: str) -> str:
    if record.get("chosen_by", "last") == "last":
        return "the last epoch"
    name = record["chosen_by"].replace("top", "top-")
    return f"epoch {record['chosen_epoch']}, the best in {name} on the held-out {kind}"


@contextmanager
def blaming_input() -> Iterator[None]:
    """Errors about settings and files become an `InputError` that names the option."""
    try:
        yield
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise InputError(as_flag(" ".join(str(error).split()))) from error
