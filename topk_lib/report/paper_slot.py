"""The paper's CIFAR-100 table: empty until somebody runs it, with the commands and what they will take."""

from __future__ import annotations

from ..course.lesson_10.claims import BASELINE_COMMAND, PAPER_COMMAND, SLOTS
from ..course.records import has_record, read_result
from ..training.recipes import RECIPES
from .markdown import percent, table

KS = ("top1", "top2", "top3", "top5")
COMMANDS = {"cross-entropy": BASELINE_COMMAND, "top-k loss": PAPER_COMMAND}
IMAGES = 50_000
MULTIPLY_ADDS = 0.56e9  # ResNet-18 forward, one image of 32 x 32 pixels and 100 classes
PASSES = 3  # backward counts as two forward
SUSTAINED = 10e12  # assumed, not measured: floating-point operations a second that a GPU keeps up in training


def paper_slot() -> str:
    """A line for each loss: what a record says, or how to make it."""
    rows = []
    for loss, name in SLOTS.items():
        if has_record(name):
            record = read_result(name)
            hours = f"{record['train_seconds'] / 3600:.1f} h, {record['machine']['device_name']}"
            rows.append((loss, *(percent(record["final"][k]) for k in KS), hours))
        else:
            expected = f"not run; about {expected_hours():.1f} h expected at {SUSTAINED / 1e12:g} TFLOP/s (assumed)"
            rows.append((loss, *("" for _ in KS), expected))
    head = ("CIFAR-100, ResNet-18, the paper's protocol", "top-1", "top-2", "top-3", "top-5", "training on one GPU")
    commands = "\n".join(COMMANDS[loss] for loss in SLOTS)
    return f"{table(head, rows)}\n\n```\n{commands}\n```"


def expected_hours(sustained: float = SUSTAINED) -> float:
    """Hours of a run of the recipe "paper": the operations of all its images over the assumed rate.

    Args:
        sustained: floating-point operations a second.
    """
    recipe = RECIPES["paper"]
    images = recipe.epochs * (1 - recipe.held_out) * IMAGES
    return images * PASSES * 2 * MULTIPLY_ADDS / sustained / 3600
