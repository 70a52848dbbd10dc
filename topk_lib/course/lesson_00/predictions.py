"""The answers to the predictions of lesson 00, computed."""

from __future__ import annotations

import torch

from ...experiments.example import LABEL, NAMES, scores
from ...losses import topk_cross_entropy
from ...sorters import SortingNetwork


def _easiest_p_k() -> tuple[int, dict]:
    settings = ([1.0], [0.5, 0.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0, 1.0])
    sorter, label = SortingNetwork("bitonic", steepness=3.0), torch.tensor(LABEL)
    losses = [topk_cross_entropy(scores(), label, p_k, sorter).item() for p_k in settings]
    rank = int((scores() > scores()[LABEL]).sum()) + 1
    numbers = {"losses": losses, "name": NAMES[LABEL].capitalize(), "rank": rank, "n": len(NAMES)}
    return losses.index(min(losses)), numbers


ANSWERS = {"0.a": _easiest_p_k}
