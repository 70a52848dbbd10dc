"""Exercise 6.3: which classes enter the loss."""

from __future__ import annotations

import torch

from ...experiments.example import LABEL, NAMES, scores
from ..attempt import Attempt
from ..checks import Checks, Instead, agrees, each


def m_selection(scores: torch.Tensor, label: int, m: int) -> list[int]:
    """Indices of the m classes that enter the loss: the label first, then the m-1 largest others, best first."""
    order = scores.argsort(descending=True).tolist()
    others = [j for j in order if j != label]
    return [label, *others[: m - 1]]


RANDOM = torch.randn(6, generator=torch.Generator().manual_seed(3))
CASES = [(s, label, m) for s in (scores(), RANDOM) for label in range(6) for m in (1, 2, 3, 5, 6)]


def _example(attempt: Attempt) -> str | None:
    found = attempt.tensor(scores(), LABEL, 4).tolist()
    if found == [3, 1, 5, 0]:
        return None
    named = [NAMES[int(j)] if j in range(6) else f"{j:g}" for j in found]
    return f"yours are {', '.join(named)}; expected dog, fox, wolf, cat"


CHECKS = Checks(
    reference=m_selection,
    cases=[case for case in CASES if case[2] in (2, 3, 5)],
    case="{scores}, label {label}, m = {m}",
    properties={
        "the label comes first, whatever its score": each(
            CASES, lambda found, s, label, m: found[0] == label, "your list begins with {answer[0]:g}"
        ),
        "no class comes twice": each(
            CASES, lambda found, *_: len(found.unique()) == len(found), "your list is [{answer:g}]"
        ),
        "dog with m = 4 keeps dog, fox, wolf, cat": _example,
        "every other case is right too, from m = 1 to m = 6": agrees(CASES),
    },
    mistakes={
        "the label may drop out": Instead("[label, *others[: m - 1]]", "order[:m]"),
        "the label twice": Instead("*others[", "*order["),
        "the smallest rivals kept": Instead("descending=True", "descending=False"),
        "rivals in ascending order": Instead("others[: m - 1]", "others[: m - 1][::-1]"),
        "the label in its rank": Instead(
            "[label, *others[: m - 1]]", "[j for j in order if j in (label, *others[: m - 1])]"
        ),
        "scores in place of indices": Instead(
            "[label, *others[: m - 1]]", "[scores[j].item() for j in (label, *others[: m - 1])]"
        ),
    },
)
