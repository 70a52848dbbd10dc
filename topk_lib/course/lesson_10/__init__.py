"""Lesson 10: each claim of the paper, and the evidence for it here."""

from .oracle import SAME, distances
from .tables import claims_table, dossier, quoted_table

__all__ = ["SAME", "claims_table", "distances", "dossier", "quoted_table"]
