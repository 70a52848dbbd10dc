"""Lesson 03: fixed wires that sort anything, hard and soft."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Sorting networks"
EXERCISES = ()
