"""What a reader of lesson 08 is asked to predict."""

from __future__ import annotations

import math

from ...losses import TopKCrossEntropyLoss
from ..prediction import Prediction

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


PREDICTIONS = (
    Prediction(
        id="8.a",
        question=(
            "Run A, with cross-entropy, ends at a training loss of 0.62. Run B, with the top-k loss in mode smce and "
            "P_K = [.5, 0, 0, 0, .5], ends at 0.80. Which network is better?"
        ),
        choices=("that of run A", "that of run B", "the two losses cannot tell"),
        answer=_comparable,
    ),
    Prediction(
        id="8.b",
        question=(
            f"A network is right on {100 * ACCURACY:.0f} % of {IMAGES:,} test images. How far is that from its "
            "accuracy on all images of this kind, typically, because just these were drawn for the test?"
        ),
        choices=("0.04 percentage points", "0.4 percentage points", "4 percentage points"),
        answer=_sampling_error,
    ),
)
