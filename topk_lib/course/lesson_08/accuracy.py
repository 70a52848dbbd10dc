"""Exercise 8.1: top-k accuracy, ties included."""

from __future__ import annotations

import torch

from ...metrics import topk_accuracy
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, Sign, agrees, gives, imitates

N, CLASSES = 40, 8


def _tied() -> tuple[torch.Tensor, torch.Tensor]:
    """Whole-number logits, four values only, so that most labels are tied with other classes."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randint(4, (N, CLASSES), generator=generator).float()
    return logits, torch.arange(N) % CLASSES


def _distinct() -> tuple[torch.Tensor, torch.Tensor]:
    logits = torch.randn(N, CLASSES, generator=torch.Generator().manual_seed(0))
    return logits, torch.arange(N) % CLASSES


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


CASES_WITHOUT_TIES = [(*_distinct(), k) for k in range(1, CLASSES + 1)]
CASES_WITH_TIES = [(*_tied(), k) for k in range(1, CLASSES + 1)]
CONSTANT = [(torch.zeros(N, CLASSES), _tied()[1], k) for k in (1, 2, 5)]

CHECKS = Checks(
    reference=naive.accuracy_at_k,
    cases=CASES_WITH_TIES,
    properties={
        "for k = n it is 1": gives(1.0, *_distinct(), CLASSES),
        "it never falls as k grows": _growing,
        "scores without ties are judged right": agrees(_library, CASES_WITHOUT_TIES, _name),
        "constant scores earn k/n, when every class is equally common": agrees(
            lambda *case: case[2] / CLASSES, CONSTANT, _name
        ),
        "with many ties it equals topk_lib.topk_accuracy": agrees(_library, CASES_WITH_TIES, _name),
    },
    mistakes={
        "all ties are hits": lambda x, y, k: (_rank(x, y) < k).double().mean(),
        "all ties are misses": lambda x, y, k: (_rank(x, y, torch.ge) - 1 < k).double().mean(),
        "the label counted against itself": lambda x, y, k: (_rank(x, y, torch.ge) < k).double().mean(),
        "ties left to topk": lambda x, y, k: (x.topk(k, dim=1).indices == y[:, None]).any(1).double().mean(),
        "a percentage": lambda x, y, k: 100 * naive.accuracy_at_k(x, y, k),
        "hits not divided by images": _counted,
        "ranks run worst-first": Sign(
            imitates(lambda x, y, k: (_rank(x, y, torch.lt) < k).double().mean(), CASES_WITHOUT_TIES)
        ),
    },
)
