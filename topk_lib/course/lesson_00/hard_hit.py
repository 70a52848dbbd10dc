"""Exercise 0.1: the yes-or-no question that the course makes soft."""

from __future__ import annotations

import torch

from .. import naive
from ..attempt import Attempt
from ..comparing import agrees, imitates
from ..example import LABEL, NAMES, scores
from ..grading import Exercise, Mistake, Property


def _dog() -> list[tuple]:
    return [(scores(), LABEL, k) for k in range(1, 7)]


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


HARD_HIT = Exercise(
    id="0.1",
    title="Is the label in the top k?",
    difficulty="a warm-up",
    minutes=5,
    task="Write `hard_topk_hit(scores, label, k)`, the yes-or-no question that the whole course makes soft.",
    requirements=(
        "`scores` is a tensor of shape `(n,)`, `label` is the index of a class, `k` is between 1 and `n`.",
        "Return `True` if the label's score is among the `k` largest, else `False`. No two scores are equal.",
        "Use torch or plain Python, whichever you find clearer.",
    ),
    why="Top-k accuracy is the mean of this answer over the test images, and its jumps leave it without a gradient.",
    hints=(
        "How many classes may have a larger score than the label if the label is to be among the best k?",
        "`scores > scores[label]` marks every class that beats the label. Count the marks and compare with k.",
    ),
    takeaway="The answer jumps as one score overtakes another, and between jumps its gradient is zero.",
    reference=naive.hard_topk_hit,
    imports="import torch",
    properties=(
        Property(
            "dog, third of the six, is out for k = 1 and 2 and in from k = 3 on",
            agrees(lambda s, label, k: k >= 3, _dog, lambda s, label, k: f"k = {k}"),
        ),
        Property("for k = n every class is in", _all_of_n),
        Property("a class that is in stays in as k grows", _stays_in),
        Property("exactly k classes are in", _k_classes_are_in),
        Property(
            "random scores are judged right, every class and every k",
            agrees(naive.hard_topk_hit, _cases, lambda s, label, k: f"class {label} of seven, k = {k}"),
        ),
    ),
    mistakes=(
        Mistake(
            "ranks run worst-first",
            "You look among the k smallest scores. The best class is the one with the largest score.",
            imitates(lambda s, label, k: (s < s[label]).sum() < k, _cases),
        ),
        Mistake(
            "one rank too many",
            "A label that k classes beat has rank k + 1 and is out: fewer than k classes may beat it.",
            imitates(lambda s, label, k: (s > s[label]).sum() <= k, _cases),
        ),
        Mistake(
            "one rank too few",
            "The class of rank k still belongs to the top k: up to k - 1 classes may beat it.",
            imitates(lambda s, label, k: (s > s[label]).sum() < k - 1, _cases),
        ),
        Mistake(
            "index taken for rank",
            "You compare the label itself with k. The label says which class it is, not how well it scores.",
            imitates(lambda s, label, k: label < k, _cases),
        ),
        Mistake(
            "rank k alone",
            "You ask whether the label has rank k exactly. The top k are the ranks 1 to k together.",
            imitates(lambda s, label, k: (s > s[label]).sum() == k - 1, _cases),
        ),
    ),
)
