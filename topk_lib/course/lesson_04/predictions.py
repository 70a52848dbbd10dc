"""What a reader of lesson 04 is asked to predict."""

from __future__ import annotations

import torch

from ...losses import topk_cross_entropy
from ...sigmoids import Comparator
from ...sorters import SortingNetwork
from ..example import LABEL, NAMES, scores
from ..prediction import Prediction

SHIP = NAMES.index("ship")


def _soft_minimum_of_zero() -> tuple[int, str]:
    b = torch.tensor([1.3, 3.0, 10.0], dtype=torch.double)
    values = (1 - Comparator("logistic").alpha(b)) * b
    rises, falls = bool((values.diff() > 1e-3).all()), bool((values.diff() < -1e-3).all())
    shown = ", ".join(f"{value:.3f} at b = {x:g}" for x, value in zip(b.tolist(), values.tolist(), strict=True))
    text = f"It is {shown}. The larger score rises, and the soft minimum comes down."
    return (0 if rises else 2 if falls else 1), text


def _gradient(steepness: float, k: int) -> float:
    s = scores(torch.double).requires_grad_()
    sorter = SortingNetwork("odd_even", steepness, "cauchy")
    loss = topk_cross_entropy(s, torch.tensor(LABEL), p_k=[0.0] * (k - 1) + [1.0], sorter=sorter)
    return torch.autograd.grad(loss, s)[0].norm().item()


def _still_learns() -> tuple[int, str]:
    soft, hard = ([_gradient(steepness, k) for k in (3, 2)] for steepness in (2.0, 64.0))
    alive = [size > 0.1 for size in hard]
    choices = [[True, False], [False, True], [True, True], [False, False]]
    text = (
        f"The gradient's norm goes from {soft[0]:.3f} to {hard[0]:.3f} for the top 3 and from {soft[1]:.3f} to "
        f"{hard[1]:.3f} for the top 2. Dog is third: the first wish is fulfilled, and nothing is left to learn."
    )
    return choices.index(alive), text


def _far_away(distribution: str, **settings: object) -> float:
    s = scores()
    s[SHIP] -= 30
    s.requires_grad_()
    sorter = SortingNetwork("odd_even", 4.0, distribution)
    loss = topk_cross_entropy(s, torch.tensor(SHIP), **{"p_k": [0.0, 1.0], "sorter": sorter, **settings})
    return torch.autograd.grad(loss, s)[0][SHIP].item()


def _repairs() -> tuple[int, str]:
    found = [_far_away("logistic", eps=0.0), _far_away("logistic", p_k=[0.5, 0.5]), _far_away("cauchy")]
    shown = ", ".join(f"{abs(value):.3f}" for value in found)
    text = (
        f"Size of the gradient on ship, in the order of the choices: {shown}. The exact chance is too small for "
        "single precision, and beside the added 1e-7 even the softmax's chance is nothing."
    )
    return max(range(3), key=lambda i: abs(found[i])), text


PREDICTIONS = (
    Prediction(
        id="4.a",
        question=(
            "A logistic comparator with β = 1 gets the scores 0 and b. What does its soft minimum do while b rises "
            "from 1.3 to 10?"
        ),
        choices=("it rises", "it stays where it is", "it falls"),
        answer=_soft_minimum_of_zero,
    ),
    Prediction(
        id="4.b",
        question=(
            "Dog has rank 3. A Cauchy network gets steeper, from β = 2 to β = 64. Which loss still has a gradient "
            "of norm above 0.1?"
        ),
        choices=("“dog in the top 3”", "“dog in the top 2”", "both", "neither"),
        answer=_still_learns,
    ),
    Prediction(
        id="4.c",
        question=(
            "The label is ship, now 30 points further behind; logistic, β = 4, loss “ship in the top 2”: no "
            "gradient. Which single change gives ship one again, in single precision?"
        ),
        choices=("the exact logarithm, eps=0", "half softmax, P_K = [0.5, 0.5] with “sm”", "Cauchy comparators"),
        answer=_repairs,
    ),
)
