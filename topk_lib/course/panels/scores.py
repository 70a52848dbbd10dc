"""The scores that a panel begins with: refused where they cannot be drawn, and moved by a knob each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as shortened

import ipywidgets as widgets

from .controls import Knob

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
    return tuple(
        Knob(
            widgets.FloatSlider(value=score, min=-reach, max=reach, step=0.1, description=name),
            f"the score of {name}",
            label_width="56px",
        )
        for score, name in zip(scores, names, strict=True)
    )


def _checked(score: object, name: str) -> float:
    try:
        value = float(score)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not abs(value) <= FURTHEST:
        allowed = f"numbers between {-FURTHEST:g} and {FURTHEST:g}"
        raise ValueError(f"scores must be {allowed}, got {shortened(score)} for {name}")
    return value
