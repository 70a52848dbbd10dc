"""The paper's CIFAR-100 table: empty until somebody runs it, with the commands and what they will take."""

from __future__ import annotations

from collections.abc import Mapping

from ..estimate import duration
from ..results import has_record, read_result
from ..training.recipes import RECIPES
from .claims import BASELINE_COMMAND, PAPER_COMMAND, SLOTS
from .markdown import percent, table

KS = ("top1", "top2", "top3", "top5")
SHAPE = {"train_seconds": float, "epochs": list, "machine": {"device_name": str}}
COMMANDS = {"cross-entropy": BASELINE_COMMAND, "top-k loss": PAPER_COMMAND}
EPOCH = "resnet18-epoch"
"""One epoch of the same network and recipe on CIFAR-10, which has as many images."""


def paper_slot() -> str:
    """A line for each loss: what a record says, or how to make it."""
    rows = []
    for loss, name in SLOTS.items():
        if has_record(name):
            record = read_result(name, SHAPE | {"final": dict.fromkeys(KS, float)})
            hours = f"{record['train_seconds'] / 3600:.1f} h, {record['machine']['device_name']}"
            rows.append((loss, *(percent(record["final"][k]) for k in KS), hours))
        else:
            rows.append((loss, *("" for _ in KS), f"not run; {_expected()}"))
    head = ("CIFAR-100, ResNet-18, the paper's protocol", "top-1", "top-2", "top-3", "top-5", "training on one GPU")
    commands = "\n".join(COMMANDS[loss] for loss in SLOTS)
    return f"{table(head, rows)}\n\n```\n{commands}\n```"


def _expected() -> str:
    record = read_result(EPOCH, SHAPE)
    seconds = expected_seconds(record)
    return f"{duration(seconds)} expected on {record['machine']['device_name']}, from one epoch of CIFAR-10"


def expected_seconds(record: Mapping) -> float:
    """Seconds of a run of the recipe "paper", evaluation not counted, from the record of a shorter one."""
    return RECIPES["paper"].epochs * record["train_seconds"] / len(record["epochs"])
