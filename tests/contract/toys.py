"""A sorter, a loss and a sigmoid that only tests know: each a few lines that register themselves.

As a plugin of pytest, `-p tests.contract.toys`, this file adds them to what the contract is asked of.
"""

import torch

from topk_lib import LOSSES, SIGMOIDS, SORTERS, Sigmoid, TopKCrossEntropyLoss
from topk_lib.sorters import SoftSort


class HalfSort(SoftSort):
    """SoftSort at half the temperature."""

    def row_logits(self, scores, k):
        return 2 * super().row_logits(scores, k)


class FirstLoss(TopKCrossEntropyLoss):
    """Cross-entropy by way of the top-k loss, and no sorter."""

    def __init__(
        self, reduction: str = "mean", weight: torch.Tensor | None = None, ignore_index: int = -100, power: int = 1
    ) -> None:
        super().__init__([1.0], reduction=reduction, weight=weight, ignore_index=ignore_index)
        self.power = power


def algebraic(v):
    """f(v) = (1 + v/√(1+v²))/2, free of cancellation where v is negative."""
    root = (1 + v * v).sqrt()
    return torch.where(v < 0, 0.5 / (root * (root + v.abs())), 1 - 0.5 / (root * (root + v.abs())))


def add():
    SORTERS.register("toy_sorter", "HalfSort")(HalfSort)
    LOSSES.register("toy_loss", "first place")(FirstLoss)
    density = lambda v: 0.5 * (1 + v * v) ** -1.5  # noqa: E731
    SIGMOIDS.add("toy_sigmoid", Sigmoid(algebraic, density, slope=0.5, monotone=True, error_bound=0.25), "algebraic")


def remove():
    SORTERS.remove("toy_sorter")
    LOSSES.remove("toy_loss")
    SIGMOIDS.remove("toy_sigmoid")


def pytest_configure():
    add()
