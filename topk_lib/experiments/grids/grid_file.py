"""A grid as a TOML file that a person can write.

    dataset = "cifar10"                 # any setting of a run; dataset and train_size may be lists
    epochs = 8
    train_size = [5000, 50000]
    lr = [0.1, 0.3]                     # each loss tries each of them; short for tune = { lr = [0.1, 0.3] }
    seeds = 5                           # 0 to 4; or a list
    metric = "top1"                     # how validation images judge a learning rate

    [[loss]]
    name = "cross-entropy"
    loss = "ce"

    [[loss]]
    name = "even, bitonic"
    p_k = [0.2, 0.2, 0.2, 0.2, 0.2]
    sorter = "bitonic"

In place of lists, tables [[condition]], each with a name, may say what differs between conditions: a table may hold
any setting, such as train_size = 1000 and epochs = 40, values of its own to try (lr, or tune), and the names of the
losses that are trained in it. A table [tune] may hold values to try of any setting: weight_decay = [0, 5e-4],
steepness = [1, 4].
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from ... import _validate
from ..config import all_settings
from ..reading import read_toml
from ..settings import renamed
from .grid import Grid

OPTIONAL = ("tuning_seed", "validation", "metric", "measure")
OF_THE_FILE = ("seeds", "lr", "tune", "loss", "condition", *OPTIONAL)
DEFAULT_SEEDS = 5


def read_grid(path: str | Path) -> Grid:
    """The grid in a TOML file.

    Raises:
        OSError: it cannot be read.
        TypeError, ValueError: it is no TOML, or names the setting, its value and what is allowed.
        ImportError: Python 3.10 without the package tomli.
    """
    content = read_toml(path)
    try:
        return make_grid(content)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path}: {error}") from error


def make_grid(content: Mapping[str, Any]) -> Grid:
    """The grid that the content of such a file describes."""
    content, settings = renamed(content), [name for name in all_settings() if name not in ("seed", "lr", "loss")]
    for name in content:
        _validate.choice("a setting", name, (*OF_THE_FILE, *settings))
    common = {name: value for name, value in content.items() if name not in OF_THE_FILE}
    for name, value in common.items():
        if value == []:
            raise ValueError(f"{name} must hold a value, got []")
    if not isinstance(content.get("tune", {}), dict):
        raise ValueError(f"tune must be a table of values to try by setting, got {content['tune']!r}")
    conditions = _tables("condition", content.get("condition")) or _conditions(common)
    losses = _tables("loss", content.get("loss"))
    if not losses:
        raise ValueError("loss must be a list of tables [[loss]], each with a name; there is none")
    return Grid(
        conditions={name: {**common, **_tuned(table)} for name, table in conditions.items()},
        losses={name: {"loss": "topk", **_tuned(table)} for name, table in losses.items()},
        seeds=seeds_from(content.get("seeds", DEFAULT_SEEDS)),
        tune=_tuned({name: content[name] for name in ("lr", "tune") if name in content}).get("tune", {}),
        **{name: content[name] for name in OPTIONAL if name in content},
    )


def _tuned(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table with its learning rates among the values to tune."""
    table = renamed(table) | ({"tune": renamed(table["tune"])} if "tune" in table else {})
    if table.get("lr") in (None, []):
        return {name: value for name, value in table.items() if name != "lr"}
    rest = {name: value for name, value in table.items() if name not in ("lr", "tune")}
    return {**rest, "tune": {"lr": _listed(table["lr"]), **table.get("tune", {})}}


def seeds_from(value: int | list[int]) -> tuple[int, ...]:
    """The seeds that are meant: a list as it is; for a number N the first N seeds, 0 to N - 1."""
    if isinstance(value, list | tuple):
        return tuple(_validate.integer("seeds", seed, 0) for seed in value)
    return tuple(range(_validate.integer("seeds", value, 1)))


def _conditions(common: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """One condition for each data set and size, named by them."""
    conditions = {}
    for dataset, size in product(_listed(common.get("dataset", "synthetic100")), _listed(common.get("train_size"))):
        name = f"{dataset}" if size is None else f"{dataset} {size}"
        conditions[name] = {"dataset": dataset, "train_size": size}
    return conditions


def _tables(name: str, tables: object) -> dict[str, dict[str, object]]:
    if tables is None:
        return {}
    if not isinstance(tables, list) or not all(map(_is_named, tables)):
        raise ValueError(f"{name} must be a list of tables [[{name}]], each with a name, got {tables!r}")
    named = {table["name"]: {key: value for key, value in table.items() if key != "name"} for table in tables}
    if len(named) < len(tables):
        raise ValueError(f"{name} must have different names, got {[table['name'] for table in tables]}")
    return named


def _is_named(table: object) -> bool:
    return isinstance(table, dict) and isinstance(table.get("name"), str) and table["name"] != ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
