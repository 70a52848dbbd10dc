"""What the lessons share: the running example, exercises with checks, predictions, a glossary."""

from ..experiments.student_t import t_quantile
from .example import LABEL, NAMES, SCORES, scores
from .exercises import check, hint, solution
from .glossary import term
from .quizzes import predict, reveal
from .setup import lesson_images, start

__all__ = [
    "LABEL",
    "NAMES",
    "SCORES",
    "check",
    "hint",
    "lesson_images",
    "predict",
    "reveal",
    "scores",
    "solution",
    "start",
    "t_quantile",
    "term",
]
