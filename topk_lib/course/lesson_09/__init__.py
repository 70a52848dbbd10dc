"""Lesson 09: stored embeddings, thousands of classes, and m."""

from .head_step import HEAD_STEP
from .predictions import PREDICTIONS
from .smallest_m import SMALLEST_M
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Fine-tune a head"
EXERCISES = (HEAD_STEP, SMALLEST_M)
