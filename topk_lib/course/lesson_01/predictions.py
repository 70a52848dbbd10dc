"""The answers to the predictions of lesson 01, computed."""

from __future__ import annotations

import torch

from ...experiments.data import load
from ...losses import TopKCrossEntropyLoss
from ...metrics import topk_accuracy
from ...sorters import SortingNetwork
from ..example import NAMES, scores

QUARTER, HALF = [0.25, 0.0, 0.0, 0.0, 0.75], [0.5, 0.0, 0.0, 0.0, 0.5]


def _same_five() -> tuple[int, str]:
    test = load("synthetic100", train_size=1, test_size=1000).test
    best = test.posterior.topk(5)
    careless = test.posterior.scatter(1, best.indices, best.values.flip(1))
    first, second = (topk_accuracy(chances, test.labels, (1, 5)) for chances in (test.posterior, careless))
    gap = first[1] - second[1]
    shown = (
        f"Top-5 is {first[5]:.1%} for expert and {second[5]:.1%} for careless; top-1 is {first[1]:.1%} and "
        f"{second[1]:.1%}. Top-5 cannot tell them apart, because it does not look at the order of the five."
    )
    return (0 if gap > 0.5 else 1 if gap > 0.05 else 2), shown


def _third_rank() -> tuple[int, str]:
    weights = TopKCrossEntropyLoss(QUARTER, top1_mode="sort").rank_weights
    shown = (
        f"From rank 1 on the weights are {', '.join(f'{weight:.2f}' for weight in weights)}. Rank 3 counts whenever "
        f"K is 3 or more, and of these cases only K = 5 occurs, with chance {QUARTER[4]:.2f}."
    )
    return [0.0, 0.25, 0.75].index(round(weights[2], 6)), shown


def _sum_of_chances() -> tuple[int, str]:
    weights = torch.tensor(TopKCrossEntropyLoss(HALF, top1_mode="sort").rank_weights)
    chances = SortingNetwork("bitonic", steepness=3.0).class_probabilities(scores(), weights)
    each = ", ".join(f"{name} {chance:.2f}" for name, chance in zip(NAMES, chances.tolist(), strict=True))
    mean = sum(k * probability for k, probability in enumerate(HALF, start=1))
    shown = (
        f"{each}: together {chances.sum():.2f}. Whatever K is drawn, K places are given out, and on average that is "
        f"{HALF[0]:g}·1 + {HALF[4]:g}·5 = {mean:.2f}."
    )
    return [1.0, 3.0, 6.0].index(round(chances.sum().item(), 3)), shown


ANSWERS = {"1.a": _same_five, "1.b": _third_rank, "1.c": _sum_of_chances}
