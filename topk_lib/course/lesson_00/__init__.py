"""Lesson 00: what the course is about, on six scores."""

from .chance import CHANCE
from .hard_hit import HARD_HIT
from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Start here"
EXERCISES = (HARD_HIT, CHANCE)
