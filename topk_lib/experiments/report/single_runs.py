"""The table of single runs: one line per record, and the best possible where it is known."""

from __future__ import annotations

from ..results import read_result
from .markdown import TITLES, loss_name, percent, table

RECORDS = ("cifar10-ce", "cifar10-topk", "synthetic100-ce", "synthetic100-topk")
KS = ("top1", "top2", "top3", "top5")
SHAPE = {"config": {"loss": str}, "data": {"name": str}, "train_seconds": float, "final": dict.fromkeys(KS, float)}


def single_runs() -> str:
    """Final accuracies and training time of the four single runs."""
    rows, best = [], {}
    for name in RECORDS:
        record = read_result(name, SHAPE)
        data = TITLES.get(record["data"]["name"], record["data"]["name"])
        accuracies = [percent(record["final"][k]) for k in KS]
        rows.append((f"{data}, {loss_name(record['config'])}", *accuracies, f"{record['train_seconds']:.0f} s"))
        if known := record["data"].get("best_possible"):
            best[data] = (f"{data}, best possible", *(percent(known[k]) for k in KS), "")
    head = ("images, loss", "top-1", "top-2", "top-3", "top-5", "training")
    return table(head, [*rows, *best.values()])
