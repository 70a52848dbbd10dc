"""Lesson 07: capacity, ambiguity and label noise, on data whose best answer is known."""

from .noisy import NOISY
from .posterior import POSTERIOR
from .predictions import PREDICTIONS
from .reachable import REACHABLE
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "When does it help?"
EXERCISES = (POSTERIOR, NOISY, REACHABLE)
