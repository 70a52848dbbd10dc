"""The options of the training commands, made from the settings of a run, and the `Config` that they make."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any, get_type_hints

from ...losses import LOSSES
from ...settings import REQUIRED
from ...sorters import DEFAULT_SORTER, SORTERS
from ..config import NOT_BY_NAME, Config, General, all_settings
from ..data import DATASETS
from ..settings import RENAMED, Option, help_of, kind_of
from ..training.recipes import Recipe

CHECKPOINT_EVERY = 60.0
METAVARS = {"p_k": "P", "steepness": "β", "art_lambda": "λ", "temperature": "τ", "m": "M", "size": "PIXELS"}


def of_fields(described: type) -> dict[str, Option]:
    """An option for each field of a dataclass of settings."""
    kinds, made = get_type_hints(described), {}
    for each in fields(described):
        choices = each.metadata["choices"] and tuple(each.metadata["choices"])
        told = each.metadata["help"], each.metadata["metavar"], choices
        made[each.name] = Option(each.name, *kind_of(kinds[each.name]), *told)
    return made


def of_losses() -> dict[str, Option]:
    """An option for each setting of any loss and any sorter, with the first sentence that a docstring says of it."""
    made = {name: each for name, each in _of_registries(LOSSES, SORTERS).items() if name not in NOT_BY_NAME}
    sorter = f"soft sorting method (default: {DEFAULT_SORTER})"
    return made | {"sorter": Option("sorter", str, False, sorter, None, tuple(SORTERS))}


def of_data() -> dict[str, Option]:
    """The same for data sets."""
    return _of_registries(DATASETS)


def _of_registries(*registries: Any) -> dict[str, Option]:
    """An option for each setting of what is registered; where only some have it, its help names them."""
    made: dict[str, Option] = {}
    everything = [(registry, name) for registry in registries for name in registry]
    for key in dict.fromkeys(key for registry, name in everything for key in registry.settings(name)):
        having = [(registry, name) for registry, name in everything if key in registry.settings(name)]
        built = [getattr(registry[name], "func", registry[name]) for registry, name in having]  # a partial has its doc
        text = "; ".join(filter(None, dict.fromkeys(help_of(each, key) for each in built)))
        first, name = having[0]
        each = first.settings(name)[key]
        default = "" if each.default in (None, REQUIRED) else f" (default: {_shown(each.default)})"
        only = "" if len(having) == len(everything) else f" [{', '.join(name.rstrip(':') for _, name in having)}]"
        made[key] = Option(key, *kind_of(each.annotation), f"{text}{default}{only}".strip(), METAVARS.get(key))
    return made


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def add_options(group: argparse._ArgumentGroup, options: dict[str, Option], *several: str) -> None:
    """Add them to a command; those that are named take several values, a list of values several times."""
    for option in options.values():
        look: dict[str, Any] = {"help": option.help, "dest": option.name}
        if option.kind is bool:
            group.add_argument(flag(option.name), action=argparse.BooleanOptionalAction, default=None, **look)
            continue
        if option.choices:
            look["choices"] = option.choices
        if option.metavar or option.choices is None or option.name in several:
            look["metavar"] = option.metavar or option.name.upper()[0]
        if option.several and option.name in several:
            look["action"] = "append"
        if option.several or option.name in several:
            look["nargs"] = "+"
        names = [flag(option.name)] + [f"{flag(option.name)}s"] * (option.name in several and option.name in PLURALS)
        names += [flag(old) for old, new in RENAMED.items() if new == option.name]
        group.add_argument(*names, type=option.kind, **look)


PLURALS = ("sorter", "lr")


def flag(name: str) -> str:
    """A setting as it is typed: --p-k."""
    return f"--{name.replace('_', '-')}"


def add_data_options(parser: argparse.ArgumentParser, default: str | None = None, *several: str) -> None:
    """--dataset and where to find it."""
    group = parser.add_argument_group("data")
    shown = "" if default is None else f" (default: {default})"
    general = of_fields(General)
    dataset = general["dataset"]._replace(help=general["dataset"].help + shown)
    add_options(group, {"dataset": dataset}, *several)
    group.add_argument("--data-dir", default="data", metavar="DIR", help="where CIFAR's files lie (default: data)")
    group.add_argument("--download", action="store_true", help="fetch CIFAR's archive if it is not there")
    add_options(group, {name: general[name] for name in ("train_size", "test_size")} | of_data(), *several)


def add_loss_options(parser: argparse.ArgumentParser, *several: str) -> None:
    """Everything that shapes a loss."""
    add_options(parser.add_argument_group("loss and sorter"), of_losses(), *several)


def add_loss_name(parser: argparse.ArgumentParser) -> None:
    """--loss."""
    add_options(parser.add_argument_group("loss"), {"loss": of_fields(General)["loss"]})


def add_training_options(parser: argparse.ArgumentParser, *several: str) -> None:
    """Network, recipe and machine, and what a recipe says."""
    general, recipe = of_fields(General), of_fields(Recipe)
    names = ("model", "recipe", "seed", "device", "precision")
    add_options(parser.add_argument_group("training"), {name: general[name] for name in names}, *several)
    add_options(parser.add_argument_group("in place of the recipe's"), recipe, *several)


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


def config_from(options: argparse.Namespace, **others: Any) -> Config:
    """The options that are settings of a run; those that were not given stay at their defaults.

    Raises:
        TypeError, ValueError: as `Config` does.
    """
    return Config(**{name: getattr(options, name, None) for name in all_settings()} | others)


def as_flag(message: str) -> str:
    """An error message with the setting at its beginning as it is typed: p_k becomes --p-k."""
    name, space, rest = message.partition(" ")
    return (flag(name) if name in all_settings() else name) + space + rest


def as_typed(name: str, value: object) -> list[str]:
    """A setting as words of a command line."""
    if isinstance(value, bool):
        return [flag(name) if value else f"--no-{name.replace('_', '-')}"]
    return [flag(name), *map(str, value if isinstance(value, list | tuple) else [value])]
