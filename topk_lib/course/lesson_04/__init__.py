"""Lesson 04: what steepness and the six distributions do to values, errors and gradients."""

from .monotone import MONOTONE
from .predictions import PREDICTIONS
from .soft_minimum import SOFT_MINIMUM
from .terms import TERMS
from .wished_certainty import WISHED_CERTAINTY

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Steepness"
EXERCISES = (SOFT_MINIMUM, WISHED_CERTAINTY, MONOTONE)
