"""Exercise 7.1: Bayes' rule for classes made of blobs."""

from __future__ import annotations

import torch

from ...experiments.data.blobs import blob_mixture
from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property


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


POSTERIOR = Exercise(
    id="7.1",
    title="Who drew this point?",
    difficulty="medium",
    minutes=12,
    task=(
        "Write `mixture_posterior(point, centres, spread)`: the chance of every class, given a point. All classes are "
        "equally likely, and so are all blobs of a class. At distance $d$ from its centre, a blob of spread σ has a "
        "density proportional to $\\exp(-d^2 / 2\\sigma^2)$."
    ),
    requirements=(
        "`point` has shape `(d,)`; `centres` has shape `(n, b, d)`: `b` blobs for each of `n` classes.",
        "A class has the densities of its blobs, added.",
        "Return shape `(n,)`: each class's share of the whole density at the point.",
    ),
    why="Whoever knows the posterior knows the best answer there is, and so how much a network leaves on the table.",
    hints=(
        "Bayes' rule with equal priors: a class's chance is its density at the point over the sum of all densities.",
        "`centres - point` has shape (n, b, d). Square it and add over the last dimension: squared distances (n, b).",
        "Take exp of minus the squares over 2·spread², add over the blobs (dim=1), and divide by the total.",
    ),
    takeaway="With this function the best possible top-k accuracy is one line: add the k largest chances, and average.",
    reference=mixture_posterior,
    imports="import torch",
    properties=(
        Property("the chances of all classes sum to 1", _sums_to_one),
        Property("halfway between two lone blobs, both classes have 1/2", _halfway),
        Property("of blobs equally far away, two count twice as much as one", _two_blobs_count_twice),
        Property("squared distances 0 and 2 at spread 2 give odds of exp(1/4)", _known_odds),
        Property("it equals the posterior of topk_lib.experiments.data.blobs", agrees(_library, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "shares not divided by their sum",
            "You return densities. Divide them by their sum: one of the classes it must have been.",
            imitates(lambda x, c, s: torch.exp(-_squares(x, c) / (2 * s**2)).sum(1), _cases),
        ),
        Mistake(
            "the nearest blob alone",
            "You count one blob of each class. A point may come from any of them: add their densities.",
            imitates(lambda x, c, s: _normalised(torch.exp(-_squares(x, c) / (2 * s**2)).amax(1)), _cases),
        ),
        Mistake(
            "blobs multiplied",
            "You add the squares of a class before exp, which multiplies the densities. Take exp first, then add.",
            imitates(lambda x, c, s: _normalised(torch.exp(-_squares(x, c).sum(1) / (2 * s**2))), _cases),
        ),
        Mistake(
            "the spread not squared",
            "You divide the squared distance by 2σ. The exponent has no unit: divide by 2σ².",
            imitates(lambda x, c, s: _normalised(torch.exp(-_squares(x, c) / (2 * s)).sum(1)), _cases),
        ),
        Mistake(
            "the 2 forgotten",
            "You divide the squared distance by σ². The normal density has 2σ² there.",
            imitates(lambda x, c, s: _normalised(torch.exp(-_squares(x, c) / s**2).sum(1)), _cases),
        ),
        Mistake(
            "the distance not squared",
            "You put the distance itself into exp. The normal density has its square.",
            imitates(lambda x, c, s: _normalised(torch.exp(-_squares(x, c).sqrt() / (2 * s**2)).sum(1)), _cases),
        ),
    ),
)
