"""Exercise 0.1: the yes-or-no question that the course makes soft."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees
from ..example import LABEL, NAMES, scores


def _cases() -> list[tuple]:
    rows = torch.randn(10, 7, generator=torch.Generator().manual_seed(0))
    return [(row, label, k) for row in rows for label in range(7) for k in range(1, 8)]


def _all_of_n(attempt: Attempt) -> str | None:
    missed = [name for label, name in enumerate(NAMES) if not attempt.truth(scores(), label, len(NAMES))]
    return f"{missed[0]} is not found among all six" if missed else None


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


DOG = [(scores(), LABEL, k) for k in range(1, 7)]

CHECKS = Checks(
    reference=naive.hard_topk_hit,
    cases=_cases,
    properties={
        "dog, third of the six, is out for k = 1 and 2 and in from k = 3 on": agrees(
            lambda s, label, k: k >= 3, DOG, lambda s, label, k: f"k = {k}"
        ),
        "for k = n every class is in": _all_of_n,
        "a class that is in stays in as k grows": _stays_in,
        "exactly k classes are in": _k_classes_are_in,
        "random scores are judged right, every class and every k": agrees(
            naive.hard_topk_hit, _cases, lambda s, label, k: f"class {label} of seven, k = {k}"
        ),
    },
    mistakes={
        "ranks run worst-first": lambda s, label, k: (s < s[label]).sum() < k,
        "one rank too many": lambda s, label, k: (s > s[label]).sum() <= k,
        "one rank too few": lambda s, label, k: (s > s[label]).sum() < k - 1,
        "index taken for rank": lambda s, label, k: label < k,
        "rank k alone": lambda s, label, k: (s > s[label]).sum() == k - 1,
    },
)
