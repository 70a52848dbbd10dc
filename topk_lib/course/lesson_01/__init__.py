"""Lesson 01: an image with more than one reasonable answer, and P_K as the answer to it."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Why relax k"
EXERCISES = ()
