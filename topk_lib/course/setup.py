"""The one call at the top of every notebook."""

from __future__ import annotations

import logging
import os
import random

import numpy as np
import torch

from .lessons import LESSONS

MOST_THREADS = 8
SEED = 0


def start(lesson: int) -> None:
    """Make the kernel ready for a lesson, and say so in one line that is the same on every machine.

    Random numbers start from one seed, numbers print with three decimals, and torch uses no more threads than
    there are processors for this process, eight at most.

    Args:
        lesson: the number of the notebook.

    Raises:
        ValueError: there is no such lesson.
    """
    if not isinstance(lesson, int) or lesson not in LESSONS:
        raise ValueError(f"lesson must be one of {', '.join(map(str, LESSONS))}, got {lesson!r}")
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    np.set_printoptions(precision=3, suppress=True, linewidth=100)
    torch.set_printoptions(precision=3, sci_mode=False, linewidth=100)
    torch.set_num_threads(min(torch.get_num_threads(), _processors(), MOST_THREADS))
    # The first figure after an installation makes matplotlib announce its font cache in red.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    print(f"Lesson {lesson:02d}, {LESSONS[lesson].title}: ready.")


def _processors() -> int:
    """How many processors this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
