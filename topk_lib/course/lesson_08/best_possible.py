"""Exercise 8.3: how good any classifier can be."""

from __future__ import annotations

import torch

from ...experiments.data import best_topk_accuracy
from .. import naive
from ..checks import Checks, Instead, agrees, each, gives

CLASSES = 6
# (30, 6): every image is sure of some classes and torn between others
POSTERIOR = torch.softmax(2 * torch.randn(30, CLASSES, generator=torch.Generator().manual_seed(0)), dim=1)
CASES = [(POSTERIOR, k) for k in range(1, CLASSES + 1)]
UNDECIDED = [(torch.full((30, CLASSES), 1 / CLASSES), k) for k in (1, 2, 5)]


def _fixed_guesses(posterior: torch.Tensor, k: int) -> float:
    """The accuracy of the k classes that are best on average, guessed for every image."""
    return posterior.mean(dim=0).topk(k).values.sum().item()


CHECKS = Checks(
    reference=naive.best_possible_accuracy,
    cases=CASES,
    case="k = {k} of 6 classes",
    properties={
        "images of which one class is certain allow 1": gives(1.0, torch.eye(CLASSES), 1),
        "images that could be anything allow k/n": agrees(UNDECIDED, lambda _, k: k / CLASSES),
        "for k = n it is 1": gives(1.0, POSTERIOR, CLASSES),
        "guessing the same k classes for every image is not better": each(
            CASES,
            lambda claimed, *case: claimed >= _fixed_guesses(*case) - 1e-4,
            lambda claimed, *case: (
                f"you say {claimed:.3f}, but guessing the same classes each time earns {_fixed_guesses(*case):.3f}"
            ),
        ),
        "it equals topk_lib.experiments.data.best_topk_accuracy": agrees(
            CASES, lambda posterior, k: best_topk_accuracy(posterior, ks=(k,))[k]
        ),
    },
    mistakes={
        "k ignored": Instead("[:, :k]", "[:, :1]"),
        "the k-th entry alone": Instead("[:, :k]", "[:, k - 1 : k]"),
        "the same classes for every image": _fixed_guesses,
        "the k smallest entries": Instead("descending=True", "descending=False"),
        "sum in place of mean": Instead(".mean()", ".sum()"),
        "mean over the k guesses": Instead(".sum(dim=1)", ".mean(dim=1)"),
    },
)
