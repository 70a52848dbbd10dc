"""Lesson 07: capacity, ambiguity and label noise, on data whose best answer is known."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "When does it help?"
EXERCISES = ()
