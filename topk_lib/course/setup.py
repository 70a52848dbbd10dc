"""What notebooks call at their top: `start` makes the kernel ready, `lesson_images` finds images to train on."""

from __future__ import annotations

import logging
import os
import random
from pathlib import Path

import numpy as np
import torch

from ..experiments.data import ImageData, load
from .lessons import LESSONS

MOST_THREADS = 8
SEED = 0
REAL = ("cifar10", "cifar100")
DRAWN = "synthetic100"


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


def lesson_images(train_size: int | None = None, test_size: int | None = None) -> ImageData:
    """CIFAR-10 or CIFAR-100 if one of them is in the data folder, else synthetic100; prints which.

    Nothing is ever downloaded. The folder is the one that TOPK_DATA_DIR names, or the nearest one called ``data``
    from here upwards.

    Args:
        train_size, test_size: use only so many images; all by default.
    """
    folder = _data_folder()
    for name in REAL if folder else ():
        try:
            data = load(name, folder, train_size=train_size, test_size=test_size)
        except FileNotFoundError:
            continue
        print(f"{name}: real photographs, found in the data folder.")
        break
    else:
        data = load(DRAWN, train_size=train_size, test_size=test_size)
        print(f"{DRAWN}: images drawn by code, since no CIFAR files are in the data folder.")
    print(
        f"{len(data.train.labels):,} to train on, {len(data.test.labels):,} to test, {len(data.class_names)} classes."
    )
    return data


def _processors() -> int:
    """How many processors this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _data_folder() -> Path | None:
    if named := os.environ.get("TOPK_DATA_DIR"):
        return Path(named)
    here = Path.cwd()
    return next((folder / "data" for folder in (here, *here.parents) if (folder / "data").is_dir()), None)
