"""Exercise 7.1: Bayes' rule for classes made of blobs."""

from __future__ import annotations

import torch

from ...experiments.data.blobs import blob_mixture
from ..attempt import Attempt
from ..checks import Checks, agrees, difference


def mixture_posterior(point: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    """P(class | point), shape (n,), for a point (d,) and n classes of equally likely round blobs, centres (n, b, d)."""
    squares = ((centres - point) ** 2).sum(dim=2)
    shares = torch.exp(-squares / (2 * spread**2)).sum(dim=1)
    return shares / shares.sum()


ORIGIN = torch.zeros(2)


def _cases() -> list[tuple]:
    cases = []
    for spread in (0.5, 0.8, 1.5):
        mixture = blob_mixture(seed=4, classes=4, blobs=3, dims=2, spread=spread, group_size=2)
        cases += [(point.double(), mixture.centres, spread) for point in mixture.draw(3)[0]]
    return cases


def _name(point: torch.Tensor, centres: torch.Tensor, spread: float) -> str:
    return f"spread {spread:g}, point ({point[0]:.2f}, {point[1]:.2f})"


def _library(point: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    mixture = blob_mixture(seed=4, classes=4, blobs=3, dims=2, spread=spread, group_size=2)
    return mixture.posterior(point[None])[0]


def _sums_to_one(attempt: Attempt) -> str | None:
    for case in _cases():
        found = difference(attempt.tensor(*case, shape=(4,)).sum(), 1.0)
        if found:
            return f"{_name(*case)}: the sum {found.removeprefix('the answer ')}"
    return None


def _halfway(attempt: Attempt) -> str | None:
    centres = torch.tensor([[[1.0, 0.0]], [[-1.0, 0.0]]])
    return difference(attempt.tensor(ORIGIN, centres, 0.7, shape=(2,)), torch.tensor([0.5, 0.5]))


def _two_blobs_count_twice(attempt: Attempt) -> str | None:
    centres = torch.tensor([[[1.0, 0.0], [-1.0, 0.0]], [[0.0, 1.0], [9.0, 9.0]]])
    return difference(attempt.tensor(ORIGIN, centres, 0.6, shape=(2,)), torch.tensor([2 / 3, 1 / 3]))


def _known_odds(attempt: Attempt) -> str | None:
    """Squared distances 0 and 2, spread 2: the odds are exp(2 / 8)."""
    centres = torch.tensor([[[0.0, 0.0]], [[1.0, 1.0]]])
    odds = torch.tensor([1.0, 0.0]) * 0.25
    return difference(attempt.tensor(ORIGIN, centres, 2.0, shape=(2,)), torch.softmax(odds, dim=0))


def _squares(point: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    return ((centres - point) ** 2).sum(dim=2)


def _normalised(shares: torch.Tensor) -> torch.Tensor:
    return shares / shares.sum()


CHECKS = Checks(
    reference=mixture_posterior,
    cases=_cases,
    properties={
        "the chances of all classes sum to 1": _sums_to_one,
        "halfway between two lone blobs, both classes have 1/2": _halfway,
        "of blobs equally far away, two count twice as much as one": _two_blobs_count_twice,
        "squared distances 0 and 2 at spread 2 give odds of exp(1/4)": _known_odds,
        "it equals the posterior of topk_lib.experiments.data.blobs": agrees(_library, _cases, _name),
    },
    mistakes={
        "shares not divided by their sum": lambda x, c, s: torch.exp(-_squares(x, c) / (2 * s**2)).sum(1),
        "the nearest blob alone": lambda x, c, s: _normalised(torch.exp(-_squares(x, c) / (2 * s**2)).amax(1)),
        "blobs multiplied": lambda x, c, s: _normalised(torch.exp(-_squares(x, c).sum(1) / (2 * s**2))),
        "the spread not squared": lambda x, c, s: _normalised(torch.exp(-_squares(x, c) / (2 * s)).sum(1)),
        "the 2 forgotten": lambda x, c, s: _normalised(torch.exp(-_squares(x, c) / s**2).sum(1)),
        "the distance not squared": lambda x, c, s: _normalised(torch.exp(-_squares(x, c).sqrt() / (2 * s**2)).sum(1)),
    },
)
