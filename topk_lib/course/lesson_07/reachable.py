"""Exercise 7.3: what a perfect learner of noisy labels reaches on clean ones."""

from __future__ import annotations

import torch

from ...experiments.data import best_topk_accuracy
from ...experiments.data.blobs import noisy_posterior
from ..checks import Checks, Instead, agrees, each, gives


def reachable_accuracy(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> float:
    """Top-k accuracy on clean labels of the best guesses for noisy ones; true and noisy probabilities are (N, n)."""
    guesses = noisy.topk(k, dim=1).indices
    hits = posterior.gather(1, guesses).sum(dim=1)
    return hits.mean().item()


GROUPS = torch.tensor([0, 0, 0, 1, 1, 1])
POSTERIOR = torch.softmax(2 * torch.randn(40, 6, generator=torch.Generator().manual_seed(1)), dim=1)
# One image whose noise moves the lead from class 0 to class 3.
MISLED = torch.tensor([[0.4, 0, 0, 0.3, 0.3, 0]]), torch.tensor([[0.3, 0.05, 0.05, 0.35, 0.25, 0]])


def _best(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> float:
    return best_topk_accuracy(posterior, ks=(k,))[k]


def _by_loop(posterior: torch.Tensor, noisy: torch.Tensor, k: int) -> torch.Tensor:
    order = noisy.sort(dim=1, descending=True).indices[:, :k]
    return torch.stack([row[best].sum() for row, best in zip(posterior, order, strict=True)]).mean()


CASES, UNIFORM = (
    [(POSTERIOR, noisy_posterior(POSTERIOR, 0.5, GROUPS, kind), k) for k in range(1, 7)]
    for kind in ("group", "uniform")
)

CHECKS = Checks(
    reference=reachable_accuracy,
    cases=CASES,
    case="k = {k} of 6 classes",
    properties={
        "without noise it is the best possible accuracy": agrees([(POSTERIOR, POSTERIOR, k) for k in (1, 3)], _best),
        "after uniform noise it is still the best possible": agrees(UNIFORM, _best),
        "it is never above the best possible": each(
            CASES,
            lambda claimed, *case: claimed <= _best(*case) + 1e-4,
            lambda claimed, *case: f"you say {claimed:.3f}, and the best possible is {_best(*case):.3f}",
        ),
        "where noise moves the lead to a class with a true probability of 0.3, it is 0.3": gives(0.3, *MISLED, 1),
        "every value is that of the definition, by a slow loop": agrees(CASES, _by_loop),
    },
    mistakes={
        "judged by the noisy labels": Instead("posterior.gather", "noisy.gather"),
        "guessed by the true probabilities": _best,
        "tables exchanged": Instead("noisy.topk", "posterior.topk", "posterior.gather", "noisy.gather"),
        "k ignored": Instead("topk(k,", "topk(1,"),
        "mean over the k guesses": Instead(".sum(dim=1)", ".mean(dim=1)"),
        "sum in place of mean": Instead("hits.mean()", "hits.sum()"),
    },
)
