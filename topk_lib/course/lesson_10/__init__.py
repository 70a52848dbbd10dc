"""Lesson 10: each claim of the paper, and what stands behind it here."""

from .predictions import PREDICTIONS
from .recomputed import RECOMPUTED
from .terms import TERMS
from .verdict import VERDICT

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Reviewer's desk"
EXERCISES = (RECOMPUTED, VERDICT)
