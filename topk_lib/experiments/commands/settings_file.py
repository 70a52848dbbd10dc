"""The settings of a run in a file.

    dataset = "cifar100"
    loss = "topk"
    p_k = [0.5, 0, 0, 0, 0.5]
    recipe = "paper"
    weight_decay = 5e-4

All options of `python -m topk_lib train` that decide on the result may stand there, with their names in Python. Where
files lie, and where they go, is said on the command line. A result.json is read too: it holds all settings of its run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..config import RECIPE, Config, all_settings
from ..reading import read_json, read_toml, require
from ..settings import renamed

OF_RESULT = {"config": dict}


def read_settings(path: str | Path) -> dict[str, object]:
    """The settings in a TOML file, or of the run that a result.json is about.

    Raises:
        OSError: the file cannot be read.
        TypeError, ValueError: it is neither, or a setting is unknown or not allowed.
        ImportError: Python 3.10 without the package tomli.
    """
    path = Path(path)
    is_result = path.suffix.lower() == ".json"
    content = read_json(path, OF_RESULT) if is_result else renamed(read_toml(path))
    try:
        if is_result:
            return _of_result(content)
        Config(**content)
        return content
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path}: {error}") from error


def fill_in(options: argparse.Namespace) -> None:
    """Give options that were not typed the values in the file that ``options.config`` names, if it does.

    Raises:
        OSError, TypeError, ValueError, ImportError: as `read_settings` does.
        ValueError: --dataset or --loss is missing after that.
    """
    path, options.config = options.config, None
    for name, value in (read_settings(path) if path else {}).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if missing := [f"--{name}" for name in ("dataset", "loss") if getattr(options, name) is None]:
        raise ValueError(f"the following arguments are required: {', '.join(missing)}")


def _of_result(record: dict) -> dict[str, object]:
    config, recipe = renamed(record["config"]), record.get("recipe", {})
    require(recipe, dict, "recipe")
    settings, recipe = {name: value for name, value in config.items() if name in all_settings()}, renamed(recipe)
    # the values of the recipe then, should those of its name have changed since
    settings |= {name: recipe[name] for name in RECIPE if name in recipe}
    given = {name: value for name, value in settings.items() if value is not None}
    try:
        Config(**given)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{_place(str(error), config)}{error}") from error
    return given


def _place(message: str, config: dict[str, object]) -> str:
    """The table of a result in which the setting stands that the message begins with, and a dot."""
    name = message.partition(" ")[0]
    return "config." if name in config else "recipe." if name in RECIPE else ""
