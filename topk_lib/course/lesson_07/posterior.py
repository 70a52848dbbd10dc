"""Exercise 7.1: Bayes' rule for classes made of blobs."""

from __future__ import annotations

import torch

from ...experiments.data.blobs import BlobMixture, blob_mixture
from ..checks import Checks, Instead, agrees, gives


def mixture_posterior(point: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    """P(class | point), shape (n,), for a point (d,) and n classes of equally likely round blobs, centres (n, b, d)."""
    squares = ((centres - point) ** 2).sum(dim=2)
    shares = torch.exp(-squares / (2 * spread**2)).sum(dim=1)
    return shares / shares.sum()


def _mixture(spread: float) -> BlobMixture:
    return blob_mixture(seed=4, classes=4, blobs=3, dims=2, spread=spread, group_size=2)


ORIGIN = torch.zeros(2)
# one class per line: the centres of its blobs
HALFWAY = torch.tensor([[[1.0, 0.0]], [[-1.0, 0.0]]])
TWO_AND_ONE = torch.tensor([[[1.0, 0.0], [-1.0, 0.0]], [[0.0, 1.0], [9.0, 9.0]]])
ROOT_2_AWAY = torch.tensor([[[0.0, 0.0]], [[1.0, 1.0]]])
MIXTURES = {spread: _mixture(spread) for spread in (0.5, 0.8, 1.5)}
CASES = [(point.double(), made.centres, s) for s, made in MIXTURES.items() for point in made.draw(3)[0]]

CHECKS = Checks(
    reference=mixture_posterior,
    cases=CASES,
    case="spread {spread:g}, point ({point:.2f})",
    properties={
        "the probabilities of all classes sum to 1": agrees(CASES, lambda *_: 1.0, of=torch.sum, what="the sum"),
        "halfway between two lone blobs, both classes have 1/2": gives([0.5, 0.5], ORIGIN, HALFWAY, 0.7),
        "of blobs equally far away, two count twice as much as one": gives([2 / 3, 1 / 3], ORIGIN, TWO_AND_ONE, 0.6),
        "squared distances 0 and 2 at spread 2 give odds of exp(1/4)": gives(
            torch.tensor([0.25, 0.0]).softmax(0), ORIGIN, ROOT_2_AWAY, 2.0
        ),
        "it equals the posterior of topk_lib.experiments.data.blobs": agrees(
            CASES, lambda point, _, spread: MIXTURES[spread].posterior(point[None])[0]
        ),
    },
    mistakes={
        "shares not divided by their sum": Instead("shares / shares.sum()", "shares"),
        "the nearest blob alone": Instead(".sum(dim=1)", ".amax(dim=1)"),
        "blobs multiplied": Instead("-squares", "-squares.sum(dim=1)", "spread**2)).sum(dim=1)", "spread**2))"),
        "the spread not squared": Instead("spread**2", "spread"),
        "the 2 forgotten": Instead("2 * spread**2", "spread**2"),
        "the distance not squared": Instead("-squares", "-squares.sqrt()"),
    },
)
