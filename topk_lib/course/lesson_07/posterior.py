"""Exercise 7.1: Bayes' rule for classes made of blobs."""

from __future__ import annotations

import torch

from ...experiments.data.blobs import BlobMixture, blob_mixture
from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each, gives


def mixture_posterior(point: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    """P(class | point), shape (n,), for a point (d,) and n classes of equally likely round blobs, centres (n, b, d)."""
    squares = ((centres - point) ** 2).sum(dim=2)
    shares = torch.exp(-squares / (2 * spread**2)).sum(dim=1)
    return shares / shares.sum()


ORIGIN = torch.zeros(2)


def _cases() -> list[tuple]:
    mixtures = [(_mixture(spread), spread) for spread in (0.5, 0.8, 1.5)]
    return [(point.double(), mixture.centres, spread) for mixture, spread in mixtures for point in mixture.draw(3)[0]]


def _mixture(spread: float) -> BlobMixture:
    return blob_mixture(seed=4, classes=4, blobs=3, dims=2, spread=spread, group_size=2)


def _name(point: torch.Tensor, centres: torch.Tensor, spread: float) -> str:
    return f"spread {spread:g}, point ({point[0]:.2f}, {point[1]:.2f})"


def _library(point: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    return _mixture(spread).posterior(point[None])[0]


def _sums_to_one(attempt: Attempt, *case: object) -> str | None:
    found = difference(attempt.tensor(*case, shape=(4,)).sum(), 1.0)
    return found and f"the sum {found.removeprefix('the answer ')}"


# one class per line: the centres of its blobs
HALFWAY = torch.tensor([[[1.0, 0.0]], [[-1.0, 0.0]]])
TWO_AND_ONE = torch.tensor([[[1.0, 0.0], [-1.0, 0.0]], [[0.0, 1.0], [9.0, 9.0]]])
ROOT_2_AWAY = torch.tensor([[[0.0, 0.0]], [[1.0, 1.0]]])


def _squares(point: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    return ((centres - point) ** 2).sum(dim=2)


def _share(densities: torch.Tensor) -> torch.Tensor:
    return densities / densities.sum()


CHECKS = Checks(
    reference=mixture_posterior,
    cases=_cases,
    properties={
        "the chances of all classes sum to 1": each(_cases, _name, _sums_to_one),
        "halfway between two lone blobs, both classes have 1/2": gives([0.5, 0.5], ORIGIN, HALFWAY, 0.7),
        "of blobs equally far away, two count twice as much as one": gives([2 / 3, 1 / 3], ORIGIN, TWO_AND_ONE, 0.6),
        "squared distances 0 and 2 at spread 2 give odds of exp(1/4)": gives(
            torch.tensor([0.25, 0.0]).softmax(0), ORIGIN, ROOT_2_AWAY, 2.0
        ),
        "it equals the posterior of topk_lib.experiments.data.blobs": agrees(_library, _cases, _name),
    },
    mistakes={
        "shares not divided by their sum": lambda x, c, s: torch.exp(-_squares(x, c) / (2 * s**2)).sum(1),
        "the nearest blob alone": lambda x, c, s: _share(torch.exp(-_squares(x, c) / (2 * s**2)).amax(1)),
        "blobs multiplied": lambda x, c, s: _share(torch.exp(-_squares(x, c).sum(1) / (2 * s**2))),
        "the spread not squared": lambda x, c, s: _share(torch.exp(-_squares(x, c) / (2 * s)).sum(1)),
        "the 2 forgotten": lambda x, c, s: _share(torch.exp(-_squares(x, c) / s**2).sum(1)),
        "the distance not squared": lambda x, c, s: _share(torch.exp(-_squares(x, c).sqrt() / (2 * s**2)).sum(1)),
    },
)
