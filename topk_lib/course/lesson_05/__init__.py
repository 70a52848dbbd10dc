"""Lesson 05: fewer comparators for few ranks, and a payload in place of a matrix."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Selection networks"
EXERCISES = ()
