"""The answers to the predictions of lesson 08, computed."""

from __future__ import annotations

import math

from ...losses import TopKCrossEntropyLoss

IMAGES, ACCURACY = 10_000, 0.8


def _comparable() -> tuple[int, str]:
    plain, mixed = TopKCrossEntropyLoss([1.0]), TopKCrossEntropyLoss([0.5, 0, 0, 0, 0.5], top1_mode="smce")
    floors = plain.lower_bound, mixed.lower_bound
    shown = (
        f"Even a perfect network has a loss of {floors[0] + 0.0:.3f} in run A and of {floors[1]:.3f} in run B: the two "
        "are different scales. What can be compared is top-k accuracy on the same test images."
    )
    return (2 if abs(floors[0] - floors[1]) > 1e-3 else 0), shown


def _sampling_error() -> tuple[int, str]:
    points = 100 * math.sqrt(ACCURACY * (1 - ACCURACY) / IMAGES)
    offered = (0.04, 0.4, 4.0)
    shown = (
        f"For a = {ACCURACY:g} and N = {IMAGES:,} the standard deviation √(a(1 - a)/N) is {points:.2f} points. "
        "What differs from one training run to the next comes on top."
    )
    return min(range(3), key=lambda i: abs(math.log(offered[i] / points))), shown


ANSWERS = {"8.a": _comparable, "8.b": _sampling_error}
