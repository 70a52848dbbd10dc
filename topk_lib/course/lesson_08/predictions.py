"""The answers to the predictions of lesson 08, computed."""

from __future__ import annotations

import math

from ...losses import TopKCrossEntropyLoss
from ..quizzes import nearest

IMAGES, ACCURACY = 10_000, 0.8


def _comparable() -> tuple[int, dict]:
    plain, mixed = TopKCrossEntropyLoss([1.0]), TopKCrossEntropyLoss([0.5, 0, 0, 0, 0.5], top1_mode="smce")
    a, b = plain.lower_bound, mixed.lower_bound
    return (2 if abs(a - b) > 1e-3 else 0), {"a": a, "b": b}


def _sampling_error() -> tuple[int, dict]:
    points = 100 * math.sqrt(ACCURACY * (1 - ACCURACY) / IMAGES)
    return nearest(points, (0.04, 0.4, 4.0)), {"accuracy": ACCURACY, "images": IMAGES, "points": points}


ANSWERS = {"8.a": _comparable, "8.b": _sampling_error}
