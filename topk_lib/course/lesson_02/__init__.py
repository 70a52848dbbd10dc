"""Lesson 02: NeuralSort, SoftSort, Sinkhorn and networks as ways to make a permutation soft."""

from .doubly_stochastic import DOUBLY_STOCHASTIC
from .neural_sort import NEURAL_SORT
from .predictions import PREDICTIONS
from .soft_sort import SOFT_SORT
from .temperature import TEMPERATURE
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Soft permutations"
EXERCISES = (SOFT_SORT, NEURAL_SORT, DOUBLY_STOCHASTIC, TEMPERATURE)
