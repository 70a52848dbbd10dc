"""What `python -m topk_lib train` and `python -m topk_lib compare` do with their options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..data import ImageData, load
from .compare import LOSS_NAMES, QUICK_DEFAULTS, compare, comparison_caveat, comparison_table
from .config import TOPK_ONLY, Config
from .estimate import predict_seconds
from .loop import fit
from .machine import pick_device, pick_precision
from .options import as_flag, config_from
from .progress import Progress
from .record import fresh_folder, refuse_existing, save_run, write_whole

FIGURE = "comparison.png"


class InputError(Exception):
    """The options, or the files that they name, cannot be used; the text says why in one line."""


def train(options: argparse.Namespace) -> None:
    """Train one network; leave result.json and model.pt in --out.

    Raises:
        InputError: before any training.
        FloatingPointError, OSError: the training diverged, or its result cannot be written.
    """
    with _blaming_input():
        progress = Progress(quiet=options.quiet)
        config = config_from(options)
        refuse_existing(options.out, options.overwrite)
        data = _load(config, options, progress)
        _announce([config], data, progress)
    with closing(progress):
        model, record = fit(config, data, on_batch=progress.on_batch, on_epoch=progress.on_epoch)
    path = save_run(options.out, model, record, options.overwrite)
    final = ", ".join(f"{k.replace('top', 'top-')} {100 * value:.1f} %" for k, value in record["final"].items())
    progress.say(f"\nOn all {len(data.test):,} test images, with the weights of the last epoch: {final}")
    progress.say(f"{record['train_seconds']:.1f} s of training, not counting evaluation. Written: {path}")


def compare_losses(options: argparse.Namespace) -> None:
    """Train cross-entropy and the top-k loss alike; print a table, leave both results and a figure in --out.

    Raises:
        InputError: before any training.
        FloatingPointError, OSError: a training diverged, or a result cannot be written.
    """
    with _blaming_input():
        from .figures import comparison_figure

        configs = _both_losses(options)
        progress = Progress(runs=len(configs), quiet=options.quiet)
        out = Path(options.out) if options.out else fresh_folder(f"runs/compare-{options.dataset.split(':')[0]}")
        for name in configs:
            refuse_existing(out / name, options.overwrite)
        data = _load(configs["ce"], options, progress)
        _announce(list(configs.values()), data, progress)

    def on_epoch(name: str, row: dict[str, float]) -> None:
        if row["epoch"] == 1:
            progress.say(f"\n{LOSS_NAMES[name]}")
        progress.on_epoch(row)

    with closing(progress):
        trained = compare(configs, data, on_batch=lambda _, *news: progress.on_batch(*news), on_epoch=on_epoch)
    for name, (model, record) in trained.items():
        save_run(out / name, model, record, options.overwrite)
    records = {name: record for name, (_, record) in trained.items()}
    figure, caption = comparison_figure(records)
    details = {"Description": caption}
    path = write_whole(out / FIGURE, lambda file: figure.savefig(file, format="png", metadata=details))
    progress.say(f"\nOn all {len(data.test):,} test images, with the weights of the last epoch\n")
    progress.say(f"{comparison_table(records)}\n\n{comparison_caveat(records)}\n\nFigure: {path}")


def _both_losses(options: argparse.Namespace) -> dict[str, Config]:
    for name, value in QUICK_DEFAULTS.get(options.dataset, {}).items():
        if getattr(options, name) is None and options.recipe is None:
            setattr(options, name, value)
    no_topk = argparse.Namespace(**{name: value for name, value in vars(options).items() if name not in TOPK_ONLY})
    return {"ce": config_from(no_topk, loss="ce"), "topk": config_from(options, loss="topk")}


def _load(config: Config, options: argparse.Namespace, progress: Progress) -> ImageData:
    pick_device(config.device)
    if config.dataset == "synthetic100":
        progress.say("Drawing the images")
    sizes = {"train_size": config.train_size, "test_size": config.test_size}
    return load(config.dataset, options.data_dir, download=options.download, seed=config.seed, **sizes)


def _announce(configs: list[Config], data: ImageData, progress: Progress) -> None:
    """Say what will be trained and for how long; a loss that does not fit the data is found on the way."""
    seconds = sum(predict_seconds(config, data, batches=4) for config in configs)
    config, device = configs[0], pick_device(configs[0].device)
    losses = " and then ".join(LOSS_NAMES[each.loss] for each in configs)
    progress.say(
        f"Training {config.model} on {len(data.train):,} images of {data.num_classes} classes, "
        f"{config.make_recipe().epochs} epochs with {losses},\n"
        f"on {device}, {pick_precision(config.precision, device)}. It will take about {_duration(seconds)}.\n"
    )


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"


@contextmanager
def _blaming_input() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise InputError(as_flag(" ".join(str(error).split()))) from error
