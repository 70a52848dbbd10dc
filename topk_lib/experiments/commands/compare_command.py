"""What `python -m topk_lib compare` does with its options."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from ..config import TOPK_ONLY, Config
from ..data.writing import check_writable, write_whole
from ..record import fresh_folder, refuse_existing, save_run
from ..training.distributed import refuse_several
from .commands import announce, blaming_input, load_data
from .compare import LOSS_NAMES, compare, comparison_caveat, comparison_table
from .compare_options import is_grid, one_of_each
from .options import config_from
from .progress import Progress

FIGURE = "comparison.png"


def compare_losses(options: argparse.Namespace) -> None:
    """Train cross-entropy and the top-k loss alike; print a table, leave both results and a figure in --out.

    Raises:
        InputError: before any training.
        FloatingPointError, OSError: a training diverged, or a result cannot be written.
    """
    if is_grid(options):
        from .grid_command import compare_grid

        compare_grid(options)
        return
    options = one_of_each(options)
    with blaming_input():
        from ..drawing.comparison import comparison_figure

        refuse_several("compare")
        configs = _both_losses(options)
        progress = Progress(runs=len(configs), quiet=options.quiet)
        out = Path(options.out) if options.out else fresh_folder(f"runs/compare-{options.dataset.split(':')[0]}")
        for name in configs:
            refuse_existing(out / name, options.overwrite)
        check_writable(out / FIGURE)
        data = load_data(configs["ce"], options, progress)
        announce(list(configs.values()), data, progress)

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
    no_topk = argparse.Namespace(**{name: value for name, value in vars(options).items() if name not in TOPK_ONLY})
    return {"ce": config_from(no_topk, loss="ce"), "topk": config_from(options, loss="topk")}
