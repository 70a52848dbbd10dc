"""Exercise 7.2: what label noise does to the chances."""

from __future__ import annotations

import torch

from ...experiments.data import blobs
from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each, gives


def noisy_chances(posterior: torch.Tensor, groups: torch.Tensor, rate: float) -> torch.Tensor:
    """P(noisy label), shape (n,), from the chances (n,) of the true classes and the group number (n,) of each class."""
    noisy = torch.empty_like(posterior)
    for i in range(len(posterior)):
        same = groups == groups[i]
        others = posterior[same].sum() - posterior[i]
        noisy[i] = (1 - rate) * posterior[i] + rate * others / (same.sum() - 1)
    return noisy


SURE = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
THREES, PAIRS, ONE = torch.tensor([0, 0, 0, 1, 1, 1]), torch.tensor([2, 1, 0, 0, 1, 2]), torch.zeros(6).long()


def _cases() -> list[tuple]:
    chances = torch.softmax(2 * torch.randn(3, 6, generator=torch.Generator().manual_seed(0)), dim=1)
    return [(p, groups, rate) for p in chances for groups in (THREES, PAIRS, ONE) for rate in (0.1, 0.3)]


def _name(p: torch.Tensor, groups: torch.Tensor, rate: float) -> str:
    return f"groups {groups.tolist()}, rate {rate:g}"


def _library(p: torch.Tensor, groups: torch.Tensor, rate: float) -> torch.Tensor:
    return blobs.noisy_posterior(p[None], rate, groups, "group")[0]


def _sums_to_one(attempt: Attempt, *case: object) -> str | None:
    found = difference(attempt.tensor(*case, shape=(6,)).sum(), 1.0)
    return found and f"the sum {found.removeprefix('the answer ')}"


def _share(p: torch.Tensor, groups: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The chance of each class's whole group, and how many classes it has."""
    same = (groups[:, None] == groups[None, :]).to(p.dtype)
    return same @ p, same.sum(dim=1)


def _mixed(p: torch.Tensor, groups: torch.Tensor, kept: float, moved: float) -> torch.Tensor:
    whole, size = _share(p, groups)
    return kept * p + moved * (whole - p) / (size - 1)


CHECKS = Checks(
    reference=noisy_chances,
    cases=_cases,
    properties={
        "at rate 0 nothing changes": gives(_cases()[0][0], *_cases()[0][:2], 0.0),
        "the chances sum to 1": each(_cases, _name, _sums_to_one),
        "a sure label keeps 0.7 at rate 0.3; two partners get 0.15 each, others nothing": gives(
            [0.15, 0.7, 0.15, 0.0, 0.0, 0.0], SURE, THREES, 0.3
        ),
        "in one group of six, the five others get 0.06 each": gives(
            [0.06, 0.7, 0.06, 0.06, 0.06, 0.06], SURE, ONE, 0.3
        ),
        "it equals topk_lib.experiments.data.blobs.noisy_posterior": agrees(_library, _cases, _name),
    },
    mistakes={
        "replaced by itself": lambda p, g, rate: (1 - rate) * p + rate * torch.div(*_share(p, g)),
        "groups ignored": lambda p, g, rate: _mixed(p, torch.zeros_like(g), 1 - rate, rate),
        "only what is lost": lambda p, g, rate: (1 - rate) * p,
        "only what is gained": lambda p, g, rate: _mixed(p, g, 1.0, rate),
        "rate and rest exchanged": lambda p, g, rate: _mixed(p, g, rate, 1 - rate),
        "not shared among the partners": lambda p, g, rate: (1 - rate) * p + rate * (_share(p, g)[0] - p),
    },
)
