"""Lesson 04: what steepness and the six distributions do to values, errors and gradients."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Steepness"
EXERCISES = ()
