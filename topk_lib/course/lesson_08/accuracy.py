"""Exercise 8.1: top-k accuracy, ties included."""

from __future__ import annotations

import torch

from ...metrics import topk_accuracy
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, Instead, Sign, agrees, gives, imitates

N, CLASSES = 40, 8
TARGET = torch.arange(N) % CLASSES
DISTINCT = torch.randn(N, CLASSES, generator=torch.Generator().manual_seed(0))
TIED = torch.randint(4, (N, CLASSES), generator=torch.Generator().manual_seed(0)).float()  # four values only
WITHOUT_TIES, WITH_TIES = ([(logits, TARGET, k) for k in range(1, CLASSES + 1)] for logits in (DISTINCT, TIED))
CONSTANT = [(torch.zeros(N, CLASSES), TARGET, k) for k in (1, 2, 5)]


def _growing(attempt: Attempt) -> str | None:
    values = [attempt.number(*case) for case in WITH_TIES]
    drops = [k for k in range(1, CLASSES) if not values[k] >= values[k - 1]]
    return f"it falls from k = {drops[0]} to k = {drops[0] + 1}" if drops else None


def _library(logits: torch.Tensor, target: torch.Tensor, k: int) -> float:
    return topk_accuracy(logits, target, ks=(k,))[k]


CHECKS = Checks(
    reference=naive.accuracy_at_k,
    cases=WITH_TIES,
    case="k = {k} of 8 classes",
    properties={
        "for k = n it is 1": gives(1.0, DISTINCT, TARGET, CLASSES),
        "it never falls as k grows": _growing,
        "scores without ties are judged right": agrees(WITHOUT_TIES, _library),
        "constant scores earn k/n, when every class is equally common": agrees(CONSTANT, lambda _, y, k: k / CLASSES),
        "with many ties it equals topk_lib.topk_accuracy": agrees(WITH_TIES, _library),
    },
    mistakes={
        "all ties are hits": Instead("larger + equal_and_before < k", "larger < k"),
        "all ties are misses": Instead("scores[:label] == scores[label]).sum()", "scores == scores[label]).sum() - 1"),
        "the label counted against itself": Instead("scores[:label] ==", "scores =="),
        "ties left to topk": lambda x, y, k: (x.topk(k, dim=1).indices == y[:, None]).any(1).double().mean(),
        "a percentage": Instead("hits / len", "100 * hits / len"),
        "hits not divided by images": Instead(" / len(target)", ""),
        "ranks run worst-first": Sign(
            imitates(Instead("scores > scores", "scores < scores").of(naive.accuracy_at_k), WITHOUT_TIES)
        ),
    },
)
