"""What a run shows while it goes on: a bar on the terminal, and a table that grows by a line per epoch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ..training.loop import BatchInfo

READ_LOSS_EVERY = 20


class Progress:
    """A progress bar on stderr where that is a terminal, and a table of epochs on stdout. Close it when done.

    Args:
        runs: how many runs of equal length the bar covers.
        quiet: show nothing.

    Raises:
        ImportError: tqdm is not installed.
    """

    def __init__(self, runs: int = 1, quiet: bool = False) -> None:
        try:
            from tqdm import tqdm
        except ImportError as error:
            raise ImportError('the progress bar needs tqdm: pip install "topk-lib[train]"') from error
        self.tqdm, self.runs, self.quiet = tqdm, runs, quiet
        self.bar: Any = None  # a tqdm, whose types say that it may be None

    def on_batch(self, step: int, info: BatchInfo) -> None:
        """Move the bar by one."""
        if self.bar is None:
            # disable=None: tqdm finds out whether stderr is a terminal.
            disable = True if self.quiet else None
            total = self.runs * info.steps
            look = {"unit": "batch", "disable": disable, "leave": False, "dynamic_ncols": True}
            self.bar = self.tqdm(total=total, initial=step - 1, **look)
        if step % READ_LOSS_EVERY == 1:
            self.bar.set_description(f"epoch {info.epoch}/{info.epochs}, loss {float(info.loss):.3f}", refresh=False)
        self.bar.update()

    def on_epoch(self, row: Mapping[str, float]) -> None:
        """Add a line to the table, after its head if it is the first."""
        accuracies = [name for name in row if name.startswith("top")]
        if row["epoch"] == 1:
            self.say("epoch     loss" + "".join(f"{k.replace('top', 'top-'):>9}" for k in accuracies) + "   seconds")
        shown = "".join(f"{100 * row[k]:>7.1f} %" for k in accuracies)
        self.say(f"{row['epoch']:>5}{row['train_loss']:>9.4f}{shown}{row['train_seconds']:>10.1f}")

    def say(self, text: str) -> None:
        """Print above the bar."""
        if not self.quiet:
            self.tqdm.write(text, file=sys.stdout)
            sys.stdout.flush()

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()
