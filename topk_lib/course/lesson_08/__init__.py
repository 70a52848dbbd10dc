"""Lesson 08: a full training run, and how to compare two losses fairly."""

from .accuracy import ACCURACY
from .best_possible import BEST_POSSIBLE
from .fair_comparison import FAIR_COMPARISON
from .predictions import PREDICTIONS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Train on CIFAR"
EXERCISES = (ACCURACY, FAIR_COMPARISON, BEST_POSSIBLE)
