"""What panels begin with: scores, each with a knob and refused where they cannot be drawn, and sorters to choose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as shortened

from ...registry import Registry
from ...sorters import SORTERS, Relaxation, sorter_of_steepness
from .controls import Knob, knob

REACH = 3.0  # scores are moved between -REACH and REACH, or further where they start further out
FURTHEST = 1000.0  # of a score from zero; what lies further out is a mistake, or unreadable in a picture


def checked_scores(scores: Sequence[float], names: Sequence[str], fewest: int, most: int) -> tuple[float, ...]:
    """The scores as floats.

    Raises:
        ValueError: there are too few, too many or not one per name, or one of them is no number, NaN or too large.
    """
    if len(scores) != len(names) or not fewest <= len(scores) <= most:
        raise ValueError(f"scores must be {fewest} to {most} numbers, one per name, got {scores!r}")
    checked = []
    for score, name in zip(scores, names, strict=True):
        try:
            checked.append(float(score))
        except (TypeError, ValueError, OverflowError):
            checked.append(math.nan)
        if not abs(checked[-1]) <= FURTHEST:
            allowed = f"numbers between {-FURTHEST:g} and {FURTHEST:g}"
            raise ValueError(f"scores must be {allowed}, got {shortened(score)} for {name}")
    return tuple(checked)


def score_knobs(scores: Sequence[float], names: Sequence[str]) -> tuple[Knob, ...]:
    """A knob per score, all with the same ends."""
    reach = max(REACH, math.ceil(max(map(abs, scores))))
    pairs = zip(scores, names, strict=True)
    return tuple(knob(name, f"the score of {name}", s, -reach, reach, 0.1, label_width="56px") for s, name in pairs)


def options(registry: Registry) -> dict[str, str]:
    """What a list shows of a registry, and the key behind each; of sorters, networks come last."""
    keys = sorted(registry, key=is_network) if registry is SORTERS else registry
    return {registry.display_name(key): key for key in keys}


def is_network(sorter: str) -> bool:
    """Whether a sorter has comparators, whose steepness is set instead of a temperature."""
    return "steepness" in SORTERS.settings(sorter)


def is_soft_set(sorter: str) -> bool:
    """Whether a sorter is a soft top-k set, which has a threshold function and a scale."""
    return "threshold" in SORTERS.settings(sorter)


def soft_sorter(name: str, steepness: float, **settings: object) -> Relaxation:
    """A sorter as soft as asked for, with those of the settings that it has."""
    known = SORTERS.settings(name)
    return sorter_of_steepness(name, steepness, **{key: value for key, value in settings.items() if key in known})
