"""Lesson 05: fewer comparators for few ranks, and a payload in place of a matrix."""

from .needed import NEEDED
from .predictions import PREDICTIONS
from .pull import PULL
from .survivors import SURVIVORS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Selection networks"
EXERCISES = (NEEDED, SURVIVORS, PULL)
