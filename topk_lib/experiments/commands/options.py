"""The options of the training commands, and the `Config` that they make."""

from __future__ import annotations

import argparse

from ...losses.topk import TOP1_MODES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS
from ..config import CHANGES, LOSSES, OWN, Config
from ..models import MODELS
from ..training.machine import PRECISIONS
from ..training.recipes import OPTIMIZERS, RECIPES, SCHEDULES, SELECT

CHECKPOINT_EVERY = 60.0


def add_data_options(parser: argparse.ArgumentParser, default: str | None = None, required: bool = True) -> None:
    """--dataset, which may be required where there is no default, and where to find it."""
    group = parser.add_argument_group("images")
    shown = "" if default is None else f" (default: {default})"
    group.add_argument(
        "--dataset",
        required=required and default is None,
        default=default,
        metavar="NAME",
        help="synthetic100 (drawn by code), cifar10, cifar100, or folder:PATH with train/CLASS/*.png (or .jpg, ...) "
        f"and test/CLASS/ (or val/CLASS/) in it{shown}",
    )
    group.add_argument("--data-dir", default="data", metavar="DIR", help="where CIFAR's files lie (default: data)")
    group.add_argument("--download", action="store_true", help="fetch CIFAR's archive if it is not there")
    group.add_argument("--train-size", type=int, metavar="N", help="train on N images only")
    group.add_argument("--test-size", type=int, metavar="N", help="test on N images only")
    group.add_argument("--size", type=int, metavar="PIXELS", help="of folder:PATH, make every image PIXELS x PIXELS")


def add_topk_options(parser: argparse.ArgumentParser) -> None:
    """Everything that shapes the top-k loss."""
    group = parser.add_argument_group("top-k loss")
    group.add_argument(
        "--p-k",
        type=float,
        nargs="+",
        metavar="P",
        help="how much weight on k = 1, 2, 3, ...; sums to 1 (default: .2 .2 .2 .2 .2)",
    )
    group.add_argument("--sorter", choices=SORTERS, help="soft sorting method (default: splitter_selection)")
    group.add_argument("--steepness", type=float, metavar="β", help="of the networks' comparators (default: 1)")
    group.add_argument("--distribution", choices=SIGMOIDS, help="of the networks' comparators (default: cauchy)")
    group.add_argument("--art-lambda", type=float, metavar="λ", help="of logistic_phi (default: 0.25)")
    group.add_argument(
        "--temperature", type=float, metavar="τ", help="of the sorters that are no networks (default: 1)"
    )
    group.add_argument("--m", type=int, metavar="M", help="only the label and the M-1 largest other scores count")
    group.add_argument("--top1-mode", choices=TOP1_MODES, help="where the k = 1 part comes from (default: sm)")


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Network, recipe and machine."""
    group = parser.add_argument_group("training")
    group.add_argument("--model", choices=MODELS, help="network (default: small_cnn)")
    group.add_argument("--recipe", choices=RECIPES, help="named set of the values below and more (default: fast)")
    group.add_argument("--epochs", type=int, metavar="E", help="passes over the images (default: the recipe's)")
    group.add_argument("--lr", type=float, help="largest learning rate (default: the recipe's)")
    group.add_argument("--batch-size", type=int, metavar="B", help="images per step (default: the recipe's)")
    group.add_argument("--seed", type=int, metavar="N", help="of initial weights, order, crops and images (default: 0)")
    group.add_argument("--device", help="auto, cpu, cuda, cuda:1, xpu, mps, ... (default: auto)")
    group.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="auto is bfloat16 where the device is built for it (default: auto)",
    )


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """What a recipe says beyond epochs, learning rate and batch size."""
    group = parser.add_argument_group("in place of the recipe's")
    add = group.add_argument
    add("--optimizer", choices=OPTIMIZERS, help="sgd has Nesterov momentum")
    add("--schedule", choices=SCHEDULES, help="of the learning rate, step by step")
    add("--warm-up", type=float, metavar="PART", help="of the steps, in which the rate of cosine rises")
    add("--momentum", type=float, help="of sgd")
    add("--weight-decay", type=float, metavar="W", help="of every parameter")
    add("--crop-padding", type=int, metavar="N", help="pixels by which a random crop moves an image; 0: no crops")
    add("--flip", action=argparse.BooleanOptionalAction, help="mirror half of the training images, or none")
    add("--held-out", type=float, metavar="PART", help="of the training images, kept away from training to watch")
    chosen = "weights that count: the last ones, or those of the epoch that is best on the images held out"
    add("--select", choices=SELECT, help=chosen)


def add_settings_option(parser: argparse.ArgumentParser) -> None:
    """--config."""
    group = parser.add_argument_group("settings from a file")
    text = "TOML with these options as its keys (batch_size = 128), or a result.json to repeat; options come before it"
    group.add_argument("--config", metavar="FILE", help=text)


def add_checkpoint_options(parser: argparse.ArgumentParser) -> None:
    """--resume and --checkpoint-every."""
    group = parser.add_argument_group("interrupted runs")
    group.add_argument("--resume", action="store_true", help="go on where a run in DIR was interrupted, if one was")
    text = f"how often DIR/checkpoint.pt is written, beside each epoch's end (default: {CHECKPOINT_EVERY:g})"
    group.add_argument("--checkpoint-every", type=float, metavar="SECONDS", help=text)


def add_output_options(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """--out, which is required where nothing is said to be the default, --overwrite, --quiet."""
    group = parser.add_argument_group("output")
    shown = "" if default is None else f" (default: {default})"
    group.add_argument("--out", required=default is None, metavar="DIR", help=f"folder for the results{shown}")
    group.add_argument("--overwrite", action="store_true", help="replace results that are in DIR already")
    group.add_argument("--quiet", action="store_true", help="print nothing but errors")


def add_loss_option(parser: argparse.ArgumentParser) -> None:
    """--loss."""
    group = parser.add_argument_group("loss")
    group.add_argument("--loss", choices=LOSSES, help="ce (cross-entropy) or topk (top-k loss)")


def config_from(options: argparse.Namespace, **others: object) -> Config:
    """The options that are settings of a run; those that were not given stay at their defaults.

    Raises:
        TypeError, ValueError: as `Config` does.
    """
    given = {name: getattr(options, name, None) for name in (*OWN, *CHANGES)} | others
    return Config.from_settings({name: value for name, value in given.items() if value is not None})


def as_flag(message: str) -> str:
    """An error message with the setting at its beginning as it is typed: p_k becomes --p-k."""
    name, space, rest = message.partition(" ")
    if name in (*OWN, *CHANGES):
        name = f"--{name.replace('_', '-')}"
    return name + space + rest


def as_typed(name: str, value: object) -> list[str]:
    """A setting as words of a command line."""
    word = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{word}" if value else f"--no-{word}"]
    return [f"--{word}", *map(str, value if isinstance(value, list | tuple) else [value])]
