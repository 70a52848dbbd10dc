"""The answers to the predictions of lesson 04, computed."""

from __future__ import annotations

import torch

from ...experiments.example import LABEL, NAMES, scores
from ...losses import topk_cross_entropy
from ...sigmoids import Comparator
from ...sorters import SortingNetwork

SHIP = NAMES.index("ship")


def _soft_minimum_of_zero() -> tuple[int, dict]:
    b = torch.tensor([1.3, 3.0, 10.0], dtype=torch.double)
    values = (1 - Comparator("logistic").alpha(b)) * b
    rises, falls = bool((values.diff() > 1e-3).all()), bool((values.diff() < -1e-3).all())
    return (0 if rises else 2 if falls else 1), {"at": values}


def _gradient(steepness: float, k: int) -> float:
    s = scores(torch.double).requires_grad_()
    sorter = SortingNetwork("odd_even", steepness, "cauchy")
    loss = topk_cross_entropy(s, torch.tensor(LABEL), p_k=[0.0] * (k - 1) + [1.0], sorter=sorter)
    return torch.autograd.grad(loss, s)[0].norm().item()


def _still_learns() -> tuple[int, dict]:
    soft, hard = ([_gradient(steepness, k) for k in (3, 2)] for steepness in (2.0, 64.0))
    alive = [size > 0.1 for size in hard]
    choices = [[True, False], [False, True], [True, True], [False, False]]
    return choices.index(alive), {"soft": soft, "hard": hard}


def _far_away(distribution: str, **settings: object) -> float:
    s = scores()
    s[SHIP] -= 30
    s.requires_grad_()
    sorter = SortingNetwork("odd_even", 4.0, distribution)
    loss = topk_cross_entropy(s, torch.tensor(SHIP), **{"p_k": [0.0, 1.0], "sorter": sorter, **settings})
    return abs(torch.autograd.grad(loss, s)[0][SHIP].item())


def _repairs() -> tuple[int, dict]:
    sizes = [_far_away("logistic", eps=0.0), _far_away("logistic", p_k=[0.5, 0.5]), _far_away("cauchy")]
    return sizes.index(max(sizes)), {"sizes": sizes}


ANSWERS = {"4.a": _soft_minimum_of_zero, "4.b": _still_learns, "4.c": _repairs}
