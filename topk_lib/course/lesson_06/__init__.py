"""Lesson 06: from P to a loss, and from the loss to a gradient on every class."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "The top-k loss"
EXERCISES = ()
