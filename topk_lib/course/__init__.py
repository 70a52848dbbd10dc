"""Everything that teaches; what a notebook calls is here, and what a single lesson calls in its own `lesson_NN`.

- `naive`, `peers`: the mathematics in its plainest form, the losses of others
- `lessons`, `lesson_NN`: a folder each, the words in its lesson.toml, what is computed beside it; `setup`
- `exercises`, `checks`, `attempt`, `grading`: from a task to the verdict on an answer; `quizzes`, `glossary`, `words`
- `figures`, `panels`: what is drawn and what can be moved; `editions`: the lessons as handed out; `doctor`
"""

from ..experiments.example import LABEL, NAMES, SCORES, scores
from ..experiments.statistics import t_quantile
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
