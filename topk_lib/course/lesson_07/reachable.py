"""Exercise 7.3: what a perfect learner of noisy labels reaches on clean ones."""

from __future__ import annotations

import torch

from ...experiments.data import best_topk_accuracy
from ...experiments.data.blobs import noisy_posterior
from ..attempt import Attempt
from ..checks import Checks, agrees, each, gives


def reachable_accuracy(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> float:
    """Top-k accuracy on clean labels of guesses that are best for noisy ones; true and noisy chances are (N, n)."""
    guesses = noisy.topk(k, dim=1).indices
    hits = posterior.gather(1, guesses).sum(dim=1)
    return hits.mean().item()


CLASSES, GROUPS = 6, torch.tensor([0, 0, 0, 1, 1, 1])


def _cases(kind: str = "group", ks: range = range(1, CLASSES + 1)) -> list[tuple]:
    return [(POSTERIOR, noisy_posterior(POSTERIOR, 0.5, GROUPS, kind), k) for k in ks]


def _name(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> str:
    return f"k = {k} of {CLASSES} classes"


def _best(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> float:
    return best_topk_accuracy(posterior, ks=(k,))[k]


def _not_above_the_best(attempt: Attempt, *case: object) -> str | None:
    claimed, best = attempt.number(*case), _best(*case)
    return None if claimed <= best + 1e-4 else f"you say {claimed:.3f}, and the best possible is {best:.3f}"


# One image whose noise moves the lead from class 0 to class 3.
MISLED = torch.tensor([[0.4, 0, 0, 0.3, 0.3, 0]]), torch.tensor([[0.3, 0.05, 0.05, 0.35, 0.25, 0]])


def _reference(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> float:
    order = noisy.sort(dim=1, descending=True).indices[:, :k]
    return torch.stack([row[best].sum() for row, best in zip(posterior, order, strict=True)]).mean().item()


POSTERIOR = torch.softmax(2 * torch.randn(40, CLASSES, generator=torch.Generator().manual_seed(1)), dim=1)
NO_NOISE = [(POSTERIOR, POSTERIOR, k) for k in (1, 3)]

CHECKS = Checks(
    reference=reachable_accuracy,
    cases=_cases,
    properties={
        "without noise it is the best possible accuracy": agrees(_best, NO_NOISE, lambda *case: f"k = {case[2]}"),
        "after uniform noise it is still the best possible": agrees(_best, lambda: _cases("uniform"), _name),
        "it is never above the best possible": each(_cases, _name, _not_above_the_best),
        "where noise moves the lead to a class with a true chance of 0.3, it is 0.3": gives(0.3, *MISLED, 1),
        "every value is that of the definition, by a slow loop": agrees(_reference, _cases, _name),
    },
    mistakes={
        "judged by the noisy labels": lambda p, q, k: q.topk(k).values.sum(1).mean(),
        "guessed by the true chances": _best,
        "tables exchanged": lambda p, q, k: _reference(q, p, k),
        "k ignored": lambda p, q, k: _reference(p, q, 1),
        "mean over the k guesses": lambda p, q, k: _reference(p, q, k) / k,
        "sum in place of mean": lambda p, q, k: len(p) * _reference(p, q, k),
    },
)
