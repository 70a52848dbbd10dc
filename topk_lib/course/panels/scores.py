"""What panels begin with: classes and scores, refused where they cannot be drawn and moved by a knob each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as shortened

from ...experiments.drawing.style import METHODS, NETWORKS
from .controls import Knob, knob

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
SORTER_NAMES = {key: METHODS[key] for key in ("neuralsort", "softsort", "sinkhorn", *NETWORKS)}
REACH = 3.0  # scores are moved between -REACH and REACH, or further where they start further out
FURTHEST = 1000.0  # of a score from zero; what lies further out is a mistake, or unreadable in a picture


def checked_scores(scores: Sequence[float], names: Sequence[str], fewest: int, most: int) -> tuple[float, ...]:
    """The scores as floats.

    Raises:
        ValueError: there are too few, too many or not one per name, or one of them is no number, NaN or too large.
    """
    if len(scores) != len(names) or not fewest <= len(scores) <= most:
        raise ValueError(f"scores must be {fewest} to {most} numbers, one per name, got {scores!r}")
    return tuple(_checked(score, name) for score, name in zip(scores, names, strict=True))


def score_knobs(scores: Sequence[float], names: Sequence[str]) -> tuple[Knob, ...]:
    """A knob per score, all with the same ends."""
    reach = max(REACH, math.ceil(max(map(abs, scores))))
    pairs = zip(scores, names, strict=True)
    return tuple(knob(name, f"the score of {name}", s, -reach, reach, 0.1, label_width="56px") for s, name in pairs)


def rounded(knobs: Sequence[Knob]) -> tuple[float, ...]:
    """Their values with three decimals."""
    return tuple(round(knob.value, 3) for knob in knobs)


def _checked(score: object, name: str) -> float:
    try:
        value = float(score)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not abs(value) <= FURTHEST:
        allowed = f"numbers between {-FURTHEST:g} and {FURTHEST:g}"
        raise ValueError(f"scores must be {allowed}, got {shortened(score)} for {name}")
    return value
