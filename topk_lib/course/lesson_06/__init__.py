"""Lesson 06: from P to a loss, and from the loss to a gradient on every class."""

from .differences import DIFFERENCES
from .first_rank import FIRST_RANK
from .m_selection import M_SELECTION
from .predictions import PREDICTIONS
from .sort_loss import SORT_LOSS
from .terms import TERMS

__all__ = ["EXERCISES", "PREDICTIONS", "TERMS", "TITLE"]

TITLE = "The top-k loss"
EXERCISES = (SORT_LOSS, FIRST_RANK, M_SELECTION, DIFFERENCES)
