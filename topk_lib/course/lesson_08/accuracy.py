"""Exercise 8.1: top-k accuracy, ties included."""

from __future__ import annotations

import torch

from ...metrics import topk_accuracy
from .. import naive
from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property

N, CLASSES = 40, 8


def _tied() -> tuple[torch.Tensor, torch.Tensor]:
    """Whole-number logits, four values only, so that most labels are tied with other classes."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randint(4, (N, CLASSES), generator=generator).float()
    return logits, torch.arange(N) % CLASSES


def _distinct() -> tuple[torch.Tensor, torch.Tensor]:
    logits = torch.randn(N, CLASSES, generator=torch.Generator().manual_seed(0))
    return logits, torch.arange(N) % CLASSES


def _cases_without_ties() -> list[tuple]:
    return [(*_distinct(), k) for k in range(1, CLASSES + 1)]


def _cases_with_ties() -> list[tuple]:
    return [(*_tied(), k) for k in range(1, CLASSES + 1)]


def _constant(attempt: Attempt) -> str | None:
    for k in (1, 2, 5):
        found = difference(attempt.number(torch.zeros(N, CLASSES), _tied()[1], k), k / CLASSES)
        if found:
            return f"k = {k} of {CLASSES} classes: {found}"
    return None


def _all_classes(attempt: Attempt) -> str | None:
    return difference(attempt.number(*_distinct(), CLASSES), 1.0)


def _growing(attempt: Attempt) -> str | None:
    values = [attempt.number(*_tied(), k) for k in range(1, CLASSES + 1)]
    drops = [k for k in range(1, CLASSES) if not values[k] >= values[k - 1]]
    return f"it falls from k = {drops[0]} to k = {drops[0] + 1}" if drops else None


def _library(logits: torch.Tensor, target: torch.Tensor, k: int) -> float:
    return topk_accuracy(logits, target, ks=(k,))[k]


def _name(logits: torch.Tensor, target: torch.Tensor, k: int) -> str:
    return f"k = {k} of {CLASSES} classes"


def _counted(logits: torch.Tensor, target: torch.Tensor, k: int) -> float:
    return naive.accuracy_at_k(logits, target, k) * len(target)


def _rank(logits: torch.Tensor, target: torch.Tensor, beats=torch.gt) -> torch.Tensor:
    """By how many classes the label is beaten, shape (N,)."""
    own = logits[torch.arange(len(target)), target][:, None]
    return beats(logits, own).sum(dim=1)


ACCURACY = Exercise(
    id="8.1",
    title="Top-k accuracy, ties included",
    difficulty="easy, with a trap",
    minutes=10,
    task=(
        "Write `accuracy_at_k(logits, target, k)`. Equal scores are common in half precision, so they need a rule: "
        "of two classes with equal scores, the one with the lower index comes first."
    ),
    requirements=(
        "`logits` has shape `(N, n)`, `target` holds `N` class indices, `k` is between 1 and `n`.",
        "An image is a hit if fewer than `k` classes come before its label.",
        "Return the fraction of hits, between 0 and 1.",
    ),
    why="With a careless rule, a network whose scores are all equal reaches 100 %, and nobody notices.",
    hints=(
        "Two kinds of classes come before the label: those with a larger score, and some of those with an equal one.",
        "An equal class comes before the label if its index is smaller: only scores[:label] has to be searched for it.",
        "A loop over the images is fine. For each, add the two counts, compare with k, and count the hits.",
    ),
    takeaway="Say how ties are ranked whenever you report an accuracy, and test it on constant scores.",
    reference=naive.accuracy_at_k,
    imports="import torch",
    properties=(
        Property("for k = n it is 1", _all_classes),
        Property("it never falls as k grows", _growing),
        Property("scores without ties are judged right", agrees(_library, _cases_without_ties, _name)),
        Property("constant scores earn k/n, when every class is equally common", _constant),
        Property("with many ties it equals topk_lib.topk_accuracy", agrees(_library, _cases_with_ties, _name)),
    ),
    mistakes=(
        Mistake(
            "all ties are hits",
            "You count only classes with a larger score, so constant scores earn 100 %. Of the equal ones, those "
            "with a lower index come before the label.",
            imitates(lambda x, y, k: (_rank(x, y) < k).double().mean(), _cases_with_ties),
        ),
        Mistake(
            "all ties are misses",
            "You let every equal class come before the label. Only those with a lower index do.",
            imitates(lambda x, y, k: (_rank(x, y, torch.ge) - 1 < k).double().mean(), _cases_with_ties),
        ),
        Mistake(
            "the label counted against itself",
            "With >= a label beats itself and loses a rank. Leave its own entry out.",
            imitates(lambda x, y, k: (_rank(x, y, torch.ge) < k).double().mean(), _cases_with_ties),
        ),
        Mistake(
            "ties left to topk",
            "You trust topk with the ties, and it may take any of the equal classes. A stable sort keeps the lower "
            "index first.",
            imitates(lambda x, y, k: (x.topk(k, dim=1).indices == y[:, None]).any(1).double().mean(), _cases_with_ties),
        ),
        Mistake(
            "a percentage",
            "Your numbers are a hundred times too large. Return a fraction between 0 and 1.",
            imitates(lambda x, y, k: 100 * naive.accuracy_at_k(x, y, k), _cases_with_ties),
        ),
        Mistake(
            "hits not divided by images",
            "You return the number of hits. Divide it by the number of images.",
            imitates(_counted, _cases_with_ties),
        ),
        Mistake(
            "ranks run worst-first",
            "You look among the smallest scores. The best class is the one with the largest score.",
            imitates(lambda x, y, k: (_rank(x, y, torch.lt) < k).double().mean(), _cases_without_ties),
        ),
    ),
)
