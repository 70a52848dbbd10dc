"""The answers to the predictions of lesson 01, computed."""

from __future__ import annotations

import torch

from ...experiments.data import load
from ...experiments.example import NAMES, scores
from ...losses import TopKCrossEntropyLoss
from ...metrics import topk_accuracy
from ...sorters import SortingNetwork

QUARTER, HALF = [0.25, 0.0, 0.0, 0.0, 0.75], [0.5, 0.0, 0.0, 0.0, 0.5]


def _same_five() -> tuple[int, dict]:
    test = load("synthetic100", train_size=1, test_size=1000).test
    best = test.posterior.topk(5)
    careless = test.posterior.scatter(1, best.indices, best.values.flip(1))
    first, second = (topk_accuracy(probabilities, test.labels, (1, 5)) for probabilities in (test.posterior, careless))
    gap = first[1] - second[1]
    return (0 if gap > 0.5 else 1 if gap > 0.05 else 2), {"expert": first, "careless": second}


def _third_rank() -> tuple[int, dict]:
    weights = TopKCrossEntropyLoss(QUARTER, top1_mode="sort").rank_weights
    return [0.0, 0.25, 0.75].index(round(weights[2], 6)), {"weights": weights, "fifth": QUARTER[4]}


def _sum_of_probabilities() -> tuple[int, dict]:
    weights = torch.tensor(TopKCrossEntropyLoss(HALF, top1_mode="sort").rank_weights)
    probabilities = SortingNetwork("bitonic", steepness=3.0).class_probabilities(scores(), weights)
    each = [f"{name} {probability:.2f}" for name, probability in zip(NAMES, probabilities.tolist(), strict=True)]
    mean = sum(k * probability for k, probability in enumerate(HALF, start=1))
    total = probabilities.sum().item()
    return [1.0, 3.0, 6.0].index(round(total, 3)), {"each": each, "total": total, "p_k": HALF, "mean": mean}


ANSWERS = {"1.a": _same_five, "1.b": _third_rank, "1.c": _sum_of_probabilities}
