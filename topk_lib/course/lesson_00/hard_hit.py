"""Exercise 0.1: the yes-or-no question that the course makes soft."""

from __future__ import annotations

import torch

from ...experiments.example import LABEL, NAMES, scores
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees, says

ROWS = torch.randn(10, 7, generator=torch.Generator().manual_seed(0))
CASES = [(row, label, k) for row in ROWS for label in range(7) for k in range(1, 8)]
DOG = [(scores(), LABEL, k) for k in range(1, 7)]
ALL = [(f"{name} among all six", scores(), label, len(NAMES)) for label, name in enumerate(NAMES)]


def _stays_in(attempt: Attempt) -> str | None:
    for label, name in enumerate(NAMES):
        hits = [attempt.truth(scores(), label, k) for k in range(1, 7)]
        if hits != sorted(hits):
            return f"{name} is in for k = {hits.index(True) + 1} and out again for a larger k"
    return None


def _k_classes_are_in(attempt: Attempt) -> str | None:
    for k in range(1, 7):
        hits = sum(attempt.truth(scores(), label, k) for label in range(6))
        if hits != k:
            return f"for k = {k}, {hits} of the six classes are in"
    return None


CHECKS = Checks(
    reference=naive.hard_topk_hit,
    cases=CASES,
    case="class {label} of seven, k = {k}",
    properties={
        "dog, third of the six, is out for k = 1 and 2 and in from k = 3 on": agrees(DOG, case="k = {k}"),
        "for k = n every class is in": says(True, ALL),
        "a class that is in stays in as k grows": _stays_in,
        "exactly k classes are in": _k_classes_are_in,
        "random scores are judged right, every class and every k": agrees(CASES),
    },
    mistakes={
        "ranks run worst-first": lambda s, label, k: (s < s[label]).sum() < k,
        "one rank too many": lambda s, label, k: (s > s[label]).sum() <= k,
        "one rank too few": lambda s, label, k: (s > s[label]).sum() < k - 1,
        "index taken for rank": lambda s, label, k: label < k,
        "rank k alone": lambda s, label, k: (s > s[label]).sum() == k - 1,
    },
)
