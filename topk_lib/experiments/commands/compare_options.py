"""The options of `python -m topk_lib compare`, and the grid that they make. What shapes a grid takes several values."""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product
from typing import Any

from ...losses import LOSSES
from ..config import all_settings, settings_of_losses
from ..grids.grid import MEASURES, METRICS, Grid
from ..grids.grid_file import make_grid, read_grid, seeds_from
from . import options as of_a_run

DATASET = "synthetic100"
QUICK_DEFAULTS = {"synthetic100": {"train_size": 6_000, "test_size": 5_000, "epochs": 8}}
"""Settings by which both losses are compared in about a minute on two cores."""
OF_THE_GRID = ("metric", "validation", "measure")


def add_compare_options(parser: argparse.ArgumentParser) -> None:
    """All options of the command."""
    several = ("dataset", "train_size", "lr", *settings_of_losses())
    of_a_run.add_data_options(parser, DATASET, *several)
    of_a_run.add_loss_options(parser, *several)
    of_a_run.add_training_options(parser, *several)
    of_a_run.add_output_options(parser, default="runs/compare-NAME, or runs/grid-NAME for a grid from a file")
    _add_grid(parser.add_argument_group("grid: every combination of several data sets, sizes and losses is trained"))


def is_single(options: argparse.Namespace, grid: Grid) -> bool:
    """Whether it is one run of each of two losses, which are shown epoch by epoch."""
    return options.grid is None and len(grid.seeds) == 1 and not grid.tuning(grid.cells[0]) and len(grid.cells) <= 2


def grid_from(options: argparse.Namespace) -> Grid:
    """The grid in the file that --grid names, or the one that the other options describe.

    Raises:
        OSError, TypeError, ValueError: the file cannot be used, or a setting is not allowed.
    """
    if options.grid is None:
        return make_grid(_content(options))
    for name in (*all_settings(), *OF_THE_GRID):
        if getattr(options, name, None) is not None:
            raise ValueError(f"{name} must be set in {options.grid}, not beside --grid, got {getattr(options, name)!r}")
    grid = read_grid(options.grid)
    return grid if options.seeds is None else replace(grid, seeds=_seeds(options))


def _content(options: argparse.Namespace) -> dict[str, object]:
    """The options as the content of a grid's file."""
    datasets = options.dataset or [DATASET]
    quick = QUICK_DEFAULTS.get(datasets[0], {}) if len(datasets) == 1 and options.recipe is None else {}
    of_losses = settings_of_losses()
    names = (name for name in (*all_settings(), *OF_THE_GRID) if name not in ("seed", "loss", *of_losses))
    given = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    plain = {"name": LOSSES.display_name("ce"), "loss": "ce"}
    return {**quick, **given, "dataset": datasets, "seeds": list(_seeds(options)), "loss": [plain, *_losses(options)]}


def _losses(options: argparse.Namespace) -> list[dict[str, object]]:
    """Every combination of the top-k loss's settings, named by what differs."""
    given = {name: value for name in settings_of_losses() if (value := getattr(options, name, None)) is not None}
    losses = []
    for values in product(*given.values()):
        settings = dict(zip(given, values, strict=True))
        told = [_word(name, value) for name, value in settings.items() if len(given[name]) > 1]
        losses.append({"name": ", ".join(told) or LOSSES.display_name("topk"), "loss": "topk", **settings})
    return losses


def _word(name: str, value: Any) -> str:
    if name == "p_k":
        return f"P_K = [{', '.join(f'{p:g}' for p in value)}]"
    return value if isinstance(value, str) else f"{name.replace('_', ' ')} {value:g}"


def _seeds(options: argparse.Namespace) -> tuple[int, ...]:
    if options.seeds is None:
        return (options.seed or 0,)
    return seeds_from(options.seeds if len(options.seeds) > 1 else options.seeds[0])


def _add_grid(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--seeds", nargs="+", type=int, metavar="N", help="one number: that many seeds, 0 to N-1; or the seeds")
    add("--grid", metavar="FILE", help="a TOML file that describes the grid; data/grids holds some")
    add("--metric", choices=METRICS, help="accuracy that judges a learning rate (default: top1)")
    add("--measure", choices=MEASURES, help="accuracies on drawn labels, or expected by the known posterior")
    add("--validation", type=int, metavar="N", help="samples that judge a learning rate (default: 5000)")
    add("--jobs", type=int, metavar="N", help="processes that train at the same time (default: 1)")
    add("--keep-models", action="store_true", help="keep the weights of each run; one seed does so anyway")
    add("--collect", metavar="FILE", help="write all runs into one small JSON file")
