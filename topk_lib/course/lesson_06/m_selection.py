"""Exercise 6.3: which classes enter the loss."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..attempt import Attempt
from ..comparing import agrees, imitates
from ..example import LABEL, NAMES, scores
from ..grading import Exercise, Mistake, Property


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


def _label_first(attempt: Attempt) -> str | None:
    for s, label, m in _cases():
        first = _indices(attempt, s, label, m)[0]
        if first != label:
            return f"{_name(s, label, m)}: your list begins with {first:g}"
    return None


def _no_class_twice(attempt: Attempt) -> str | None:
    for s, label, m in _cases():
        found = _indices(attempt, s, label, m)
        if len(set(found)) < m:
            return f"{_name(s, label, m)}: your list is {[int(j) for j in found]}"
    return None


def _example(attempt: Attempt) -> str | None:
    found = _indices(attempt, scores(), LABEL, 4)
    if found == [3, 1, 5, 0]:
        return None
    named = [NAMES[int(j)] if j in range(6) else f"{j:g}" for j in found]
    return f"yours are {', '.join(named)}; expected dog, fox, wolf, cat"


def _imitates(of: Callable[..., list]) -> Callable[[Attempt], bool]:
    return imitates(lambda s, label, m: torch.tensor(of(s, label, m), dtype=torch.double), lambda: _cases((2, 3, 5)))


M_SELECTION = Exercise(
    id="6.3",
    title="Who enters the loss?",
    difficulty="easy",
    minutes=8,
    task=(
        "With thousands of classes most scores never matter. Write `m_selection(scores, label, m)`: which `m` classes "
        "enter the loss, and in which order."
    ),
    requirements=(
        "`scores` has shape `(n,)`, without equal scores; `label` is an index; `m` is between 1 and `n`.",
        "Return the `m` class indices, not scores, as a list or tensor: first the label, whatever its score.",
        "Then come the `m - 1` largest of the other scores, largest first.",
    ),
    why="Everything after it, softmax included, sees only these m classes: the others get no gradient at all.",
    hints=(
        "Treat the label apart from the rest: it is in the list always, and only once.",
        "With descending=True, argsort gives indices from the largest score down. Leave the label out of them.",
        "Of what remains you need the first m - 1; put the label in front.",
    ),
    takeaway="The label is kept even if it is last; the rival that is left out first is always the weakest.",
    reference=m_selection,
    imports="import torch",
    properties=(
        Property("the label comes first, whatever its score", _label_first),
        Property("no class comes twice", _no_class_twice),
        Property("dog with m = 4 keeps dog, fox, wolf, cat", _example),
        Property("every other case is right too, from m = 1 to m = 6", agrees(m_selection, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "the label may drop out",
            "You take the m largest scores of all. A label with a low score is not among them, and the loss needs it.",
            _imitates(lambda s, label, m: _order(s)[:m]),
        ),
        Mistake(
            "the label twice",
            "You put the label in front of the m - 1 largest of all, where it may stand again. Leave it out of those.",
            _imitates(lambda s, label, m: [label, *_order(s)[: m - 1]]),
        ),
        Mistake(
            "the smallest rivals kept",
            "You keep the weakest rivals. Those that can push the label out have the largest scores.",
            _imitates(lambda s, label, m: [label, *_others(s, label, descending=False)[: m - 1]]),
        ),
        Mistake(
            "rivals in ascending order",
            "You keep the right classes, but the largest of the others should come second, and the smallest last.",
            _imitates(lambda s, label, m: [label, *_others(s, label)[: m - 1][::-1]]),
        ),
        Mistake(
            "the label in its rank",
            "You keep the right classes, sorted by score. The label belongs in front.",
            _imitates(lambda s, label, m: [j for j in _order(s) if j in m_selection(s, label, m)]),
        ),
        Mistake(
            "scores in place of indices",
            "You return the scores themselves. The loss needs to know which classes they belong to: return indices.",
            _imitates(lambda s, label, m: [s[j].item() for j in m_selection(s, label, m)]),
        ),
    ),
)
