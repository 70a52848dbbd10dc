"""Lesson 03: fixed wires that sort anything, hard and soft."""

from .predictions import PREDICTIONS
from .run_network import RUN_NETWORK
from .soft_layer import SOFT_LAYER
from .terms import TERMS
from .zero_one import ZERO_ONE

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "Sorting networks"
EXERCISES = (RUN_NETWORK, SOFT_LAYER, ZERO_ONE)
