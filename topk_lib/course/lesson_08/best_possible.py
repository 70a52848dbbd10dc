"""Exercise 8.3: how good any classifier can be."""

from __future__ import annotations

import torch

from ...experiments.data import best_topk_accuracy
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees, each, gives

CLASSES = 6


def _posterior() -> torch.Tensor:
    """(30, 6): every image is sure of some classes and torn between others."""
    noise = torch.randn(30, CLASSES, generator=torch.Generator().manual_seed(0))
    return torch.softmax(2 * noise, dim=1)


def _name(posterior: torch.Tensor, k: int) -> str:
    return f"k = {k} of {CLASSES} classes"


def _library(posterior: torch.Tensor, k: int) -> float:
    return best_topk_accuracy(posterior, ks=(k,))[k]


def _fixed_guesses(posterior: torch.Tensor, k: int) -> torch.Tensor:
    """The accuracy of the k classes that are best on average, guessed for every image."""
    return posterior.mean(dim=0).topk(k).values.sum()


def _not_beaten(attempt: Attempt, posterior: torch.Tensor, k: int) -> str | None:
    claimed, simple = attempt.number(posterior, k), _fixed_guesses(posterior, k).item()
    beaten = f"you say {claimed:.3f}, but guessing the same classes each time earns {simple:.3f}"
    return None if claimed >= simple - 1e-4 else beaten


CASES = [(_posterior(), k) for k in range(1, CLASSES + 1)]
UNDECIDED = [(torch.full((30, CLASSES), 1 / CLASSES), k) for k in (1, 2, 5)]

CHECKS = Checks(
    reference=naive.best_possible_accuracy,
    cases=CASES,
    properties={
        "images of which one class is certain allow 1": gives(1.0, torch.eye(CLASSES), 1),
        "images that could be anything allow k/n": agrees(lambda _, k: k / CLASSES, UNDECIDED, _name),
        "for k = n it is 1": gives(1.0, _posterior(), CLASSES),
        "guessing the same k classes for every image is not better": each(CASES, lambda _, k: f"k = {k}", _not_beaten),
        "it equals topk_lib.experiments.data.best_topk_accuracy": agrees(_library, CASES, _name),
    },
    mistakes={
        "k ignored": lambda p, k: p.max(dim=1).values.mean(),
        "the k-th entry alone": lambda p, k: p.sort(dim=1, descending=True).values[:, k - 1].mean(),
        "the same classes for every image": _fixed_guesses,
        "the k smallest entries": lambda p, k: p.sort(dim=1).values[:, :k].sum(dim=1).mean(),
        "sum in place of mean": lambda p, k: len(p) * naive.best_possible_accuracy(p, k),
        "mean over the k guesses": lambda p, k: naive.best_possible_accuracy(p, k) / k,
    },
)
