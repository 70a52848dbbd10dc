"""The running example of all lessons, six named scores, as lessons import it."""

from ..experiments.example import LABEL, NAMES, SCORES, scores

__all__ = ["LABEL", "NAMES", "SCORES", "scores"]
