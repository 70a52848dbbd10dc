"""Lesson 01: an image with more than one reasonable answer, and P_K as the answer to it."""

from .mixed_accuracy import MIXED_ACCURACY
from .p_k_from import P_K_FROM
from .predictions import PREDICTIONS
from .terms import TERMS
from .weights_from import WEIGHTS_FROM

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Why relax k"
EXERCISES = (WEIGHTS_FROM, P_K_FROM, MIXED_ACCURACY)
