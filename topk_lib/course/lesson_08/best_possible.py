"""Exercise 8.3: how good any classifier can be."""

from __future__ import annotations

import torch

from ...experiments.data import best_topk_accuracy
from .. import naive
from ..attempt import Attempt
from ..comparing import agrees, difference, imitates
from ..grading import Exercise, Mistake, Property

CLASSES = 6


def _posterior() -> torch.Tensor:
    """(30, 6): every image is sure of some classes and torn between others."""
    noise = torch.randn(30, CLASSES, generator=torch.Generator().manual_seed(0))
    return torch.softmax(2 * noise, dim=1)


def _cases() -> list[tuple]:
    return [(_posterior(), k) for k in range(1, CLASSES + 1)]


def _name(posterior: torch.Tensor, k: int) -> str:
    return f"k = {k} of {CLASSES} classes"


def _library(posterior: torch.Tensor, k: int) -> float:
    return best_topk_accuracy(posterior, ks=(k,))[k]


def _certain(attempt: Attempt) -> str | None:
    return difference(attempt.number(torch.eye(CLASSES), 1), 1.0)


def _undecided(attempt: Attempt) -> str | None:
    for k in (1, 2, 5):
        found = difference(attempt.number(torch.full((30, CLASSES), 1 / CLASSES), k), k / CLASSES)
        if found:
            return f"{_name(torch.empty(0), k)}: {found}"
    return None


def _all_classes(attempt: Attempt) -> str | None:
    return difference(attempt.number(_posterior(), CLASSES), 1.0)


def _fixed_guesses(posterior: torch.Tensor, k: int) -> torch.Tensor:
    """The accuracy of the k classes that are best on average, guessed for every image."""
    return posterior.mean(dim=0).topk(k).values.sum()


def _not_beaten(attempt: Attempt) -> str | None:
    for k in range(1, CLASSES + 1):
        claimed, simple = attempt.number(_posterior(), k), _fixed_guesses(_posterior(), k).item()
        if not claimed >= simple - 1e-4:
            return f"k = {k}: you say {claimed:.3f}, but guessing the same classes each time earns {simple:.3f}"
    return None


BEST_POSSIBLE = Exercise(
    id="8.3",
    title="The best possible accuracy",
    difficulty="easy",
    minutes=8,
    task=(
        "For drawn images the true chance of each class is known. Write `best_possible_accuracy(posterior, k)`, the "
        "top-k accuracy that no classifier can beat on average."
    ),
    requirements=(
        "`posterior` has shape `(N, n)`: row `i` holds the true chances of the `n` classes for image `i`.",
        "The best guesses for an image are its `k` likeliest classes; each image has its own.",
        "Return the expected fraction of hits, between 0 and 1.",
    ),
    why="91 % is a triumph where 92 % is possible, and a failure where 99 % is. On CIFAR nobody knows; here you do.",
    hints=(
        "For one image: with what chance is its label among the k classes that you would guess?",
        "Chances of different classes add up. Which k of a row have the largest sum? Then average over the images.",
    ),
    takeaway="Compare a trained network with this number before you blame the loss.",
    reference=naive.best_possible_accuracy,
    imports="import torch",
    properties=(
        Property("images of which one class is certain allow 1", _certain),
        Property("images that could be anything allow k/n", _undecided),
        Property("for k = n it is 1", _all_classes),
        Property("guessing the same k classes for every image is not better", _not_beaten),
        Property("it equals topk_lib.experiments.data.best_topk_accuracy", agrees(_library, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "k ignored",
            "You take the likeliest class of each image whatever k is. Add the k largest entries of each row.",
            imitates(lambda p, k: p.max(dim=1).values.mean(), _cases),
        ),
        Mistake(
            "the k-th entry alone",
            "You take the k-th largest entry. Any of the k guesses may be the hit: add the first k.",
            imitates(lambda p, k: p.sort(dim=1, descending=True).values[:, k - 1].mean(), _cases),
        ),
        Mistake(
            "the same classes for every image",
            "You average over the images first. Every image has its own best guesses: sort each row.",
            imitates(_fixed_guesses, _cases),
        ),
        Mistake(
            "the k smallest entries",
            "You add the least likely classes. Sort in descending order.",
            imitates(lambda p, k: p.sort(dim=1).values[:, :k].sum(dim=1).mean(), _cases),
        ),
        Mistake(
            "sum in place of mean",
            "You add over the images. Divide by their number: an accuracy is between 0 and 1.",
            imitates(lambda p, k: len(p) * naive.best_possible_accuracy(p, k), _cases),
        ),
        Mistake(
            "mean over the k guesses",
            "You average the k chances. One hit is enough, so the chances of the k guesses add up.",
            imitates(lambda p, k: naive.best_possible_accuracy(p, k) / k, _cases),
        ),
    ),
)
