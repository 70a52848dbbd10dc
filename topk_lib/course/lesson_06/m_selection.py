"""Exercise 6.3: which classes enter the loss."""

from __future__ import annotations

import torch

from ..attempt import Attempt
from ..checks import Checks, agrees, each
from ..example import LABEL, NAMES, scores


def m_selection(scores: torch.Tensor, label: int, m: int) -> list[int]:
    """Indices of the m classes that enter the loss: the label first, then the m-1 largest others, best first."""
    order = scores.argsort(descending=True).tolist()
    others = [j for j in order if j != label]
    return [label, *others[: m - 1]]


def _order(s: torch.Tensor, descending: bool = True) -> list[int]:
    return s.argsort(descending=descending).tolist()


def _others(s: torch.Tensor, label: int, descending: bool = True) -> list[int]:
    return [j for j in _order(s, descending) if j != label]


def _cases(sizes: tuple[int, ...] = (1, 2, 3, 5, 6)) -> list[tuple]:
    random = torch.randn(6, generator=torch.Generator().manual_seed(3))
    return [(s, label, m) for s in (scores(), random) for label in range(6) for m in sizes]


def _name(s: torch.Tensor, label: int, m: int) -> str:
    which = "the six scores" if torch.equal(s, scores()) else f"scores {[round(x, 2) for x in s.tolist()]}"
    return f"{which}, label {label}, m = {m}"


def _indices(attempt: Attempt, s: torch.Tensor, label: int, m: int) -> list[float]:
    return attempt.tensor(s, label, m, shape=(m,)).tolist()


def _label_first(attempt: Attempt, s: torch.Tensor, label: int, m: int) -> str | None:
    first = _indices(attempt, s, label, m)[0]
    return None if first == label else f"your list begins with {first:g}"


def _no_class_twice(attempt: Attempt, s: torch.Tensor, label: int, m: int) -> str | None:
    found = _indices(attempt, s, label, m)
    return None if len(set(found)) == m else f"your list is {[int(j) for j in found]}"


def _example(attempt: Attempt) -> str | None:
    found = _indices(attempt, scores(), LABEL, 4)
    if found == [3, 1, 5, 0]:
        return None
    named = [NAMES[int(j)] if j in range(6) else f"{j:g}" for j in found]
    return f"yours are {', '.join(named)}; expected dog, fox, wolf, cat"


CHECKS = Checks(
    reference=m_selection,
    cases=lambda: _cases((2, 3, 5)),
    properties={
        "the label comes first, whatever its score": each(_cases, _name, _label_first),
        "no class comes twice": each(_cases, _name, _no_class_twice),
        "dog with m = 4 keeps dog, fox, wolf, cat": _example,
        "every other case is right too, from m = 1 to m = 6": agrees(m_selection, _cases, _name),
    },
    mistakes={
        "the label may drop out": lambda s, label, m: _order(s)[:m],
        "the label twice": lambda s, label, m: [label, *_order(s)[: m - 1]],
        "the smallest rivals kept": lambda s, label, m: [label, *_others(s, label, descending=False)[: m - 1]],
        "rivals in ascending order": lambda s, label, m: [label, *_others(s, label)[: m - 1][::-1]],
        "the label in its rank": lambda s, label, m: [j for j in _order(s) if j in m_selection(s, label, m)],
        "scores in place of indices": lambda s, label, m: [s[j].item() for j in m_selection(s, label, m)],
    },
)
