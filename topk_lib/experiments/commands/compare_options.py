"""The options of `python -m topk_lib compare`, and the grid that they make. What shapes a grid takes several values."""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product

from ...losses.topk import TOP1_MODES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS
from ..config import TOPK_ONLY
from ..grids.grid import METRICS, SETTINGS, Grid
from ..grids.grid_file import make_grid, read_grid, seeds_from
from . import options as of_a_run
from .compare import LOSS_NAMES, QUICK_DEFAULTS

DATASET = "synthetic100"
SEVERAL = ("dataset", "train_size", "lr", *TOPK_ONLY)
OF_THE_GRID = ("seeds", "metric", "validation")


def add_compare_options(parser: argparse.ArgumentParser) -> None:
    """All options of the command. The parser must resolve conflicts: several options of a run are replaced."""
    of_a_run.add_data_options(parser, default=DATASET)
    of_a_run.add_topk_options(parser)
    of_a_run.add_training_options(parser)
    of_a_run.add_output_options(parser, default="runs/compare-NAME, numbered if it exists; runs/grid-NAME for a grid")
    _add_several(parser.add_argument_group("grid: every combination of these is trained; one value each is no grid"))
    _add_work(parser.add_argument_group("grid: work"))


def is_grid(options: argparse.Namespace) -> bool:
    """Whether more is asked for than one run of each of two losses."""
    several = any(len(getattr(options, name) or ()) > 1 for name in SEVERAL)
    asked = any(getattr(options, name) is not None for name in ("grid", "jobs", "collect", *OF_THE_GRID))
    return several or asked or options.keep_models


def one_of_each(options: argparse.Namespace) -> argparse.Namespace:
    """The options of a comparison that is no grid, as those of a run."""
    single = {name: value[0] for name in SEVERAL if (value := getattr(options, name))}
    options = argparse.Namespace(**{**vars(options), "dataset": DATASET, **single})
    for name, value in QUICK_DEFAULTS.get(options.dataset, {}).items():
        if getattr(options, name) is None and options.recipe is None:
            setattr(options, name, value)
    return options


def grid_from(options: argparse.Namespace) -> Grid:
    """The grid in the file that --grid names, or the one that the other options describe.

    Raises:
        OSError, TypeError, ValueError: the file cannot be used, or a setting is not allowed.
    """
    if options.overwrite:
        raise ValueError("--overwrite is not for grids: what is in the folder is kept; choose another --out")
    if options.grid is None:
        return make_grid(_content(options))
    for name in (*SETTINGS, "lr", "seed", "metric", "validation"):
        if name != "loss" and getattr(options, name, None) is not None:
            raise ValueError(f"{name} must be set in {options.grid}, not beside --grid, got {getattr(options, name)!r}")
    grid = read_grid(options.grid)
    return grid if options.seeds is None else replace(grid, seeds=_seeds(options))


def _content(options: argparse.Namespace) -> dict[str, object]:
    """The options as the content of a grid's file."""
    datasets = options.dataset or [DATASET]
    quick = QUICK_DEFAULTS.get(datasets[0], {}) if len(datasets) == 1 and options.recipe is None else {}
    given = {name: getattr(options, name, None) for name in (*SETTINGS, "lr", "metric", "validation")}
    given = {name: value for name, value in given.items() if value is not None and name not in TOPK_ONLY}
    plain = {"name": LOSS_NAMES["ce"], "loss": "ce"}
    return {**quick, **given, "dataset": datasets, "seeds": list(_seeds(options)), "loss": [plain, *_losses(options)]}


def _losses(options: argparse.Namespace) -> list[dict[str, object]]:
    """Every combination of the top-k loss's settings, named by what differs."""
    given = {name: value for name in TOPK_ONLY if (value := getattr(options, name)) is not None}
    losses = []
    for values in product(*given.values()):
        settings = dict(zip(given, values, strict=True))
        told = [_word(name, value) for name, value in settings.items() if len(given[name]) > 1]
        losses.append({"name": ", ".join(told) or LOSS_NAMES["topk"], "loss": "topk", **settings})
    return losses


def _word(name: str, value: object) -> str:
    if name == "p_k":
        return f"P_K = [{', '.join(f'{p:g}' for p in value)}]"
    return value if isinstance(value, str) else f"{name.replace('_', ' ')} {value:g}"


def _seeds(options: argparse.Namespace) -> tuple[int, ...]:
    if options.seeds is None:
        return (options.seed or 0,)
    return seeds_from(options.seeds if len(options.seeds) > 1 else options.seeds[0])


def _add_several(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--dataset", nargs="+", metavar="NAME", help=f"as for train (default: {DATASET})")
    add("--train-size", nargs="+", type=int, metavar="N", help="train on N images only")
    p_k = "how much weight on k = 1, 2, 3, ...; give --p-k again for another P_K (default: .2 .2 .2 .2 .2)"
    add("--p-k", nargs="+", type=float, action="append", metavar="P", help=p_k)
    add("--sorter", "--sorters", nargs="+", choices=SORTERS, metavar="S", help=f"soft sorting: {', '.join(SORTERS)}")
    add("--steepness", nargs="+", type=float, metavar="β", help="of the networks' comparators")
    shapes = f"of the networks' comparators: {', '.join(SIGMOIDS)}"
    add("--distribution", nargs="+", choices=SIGMOIDS, metavar="D", help=shapes)
    add("--art-lambda", nargs="+", type=float, metavar="λ", help="of logistic_phi")
    add("--temperature", nargs="+", type=float, metavar="τ", help="of the sorters that are no networks")
    add("--m", nargs="+", type=int, metavar="M", help="only the label and the M-1 largest other scores count")
    modes = f"where the k = 1 part comes from: {', '.join(TOP1_MODES)}"
    add("--top1-mode", nargs="+", choices=TOP1_MODES, metavar="MODE", help=modes)
    tried = "learning rates; each loss tries each once, on validation images, and keeps the best"
    add("--lr", "--lrs", nargs="+", type=float, metavar="LR", help=f"{tried} (default: the recipe's)")
    add("--seeds", nargs="+", type=int, metavar="N", help="one number: that many seeds, 0 to N-1; or the seeds")


def _add_work(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--grid",
        metavar="FILE",
        help="a TOML file that describes the grid; topk_lib/experiments/grids/grid_file.py shows one",
    )
    add("--metric", choices=METRICS, help="accuracy that judges a learning rate (default: top1)")
    add("--validation", type=int, metavar="N", help="images that judge a learning rate (default: 5000)")
    add("--jobs", type=int, metavar="N", help="processes that train at the same time (default: 1)")
    add("--keep-models", action="store_true", help="keep the weights of each run")
    add("--collect", metavar="FILE", help="write all runs into one small JSON file")
