"""Lesson 09: stored embeddings, thousands of classes, and m."""

from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Fine-tune a head"
EXERCISES = ()
