"""How long a run will take, before it is started."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from itertools import pairwise

from .config import Config
from .data import Data
from .running import run
from .training.distributed import ALONE, Processes
from .training.loop import BatchInfo

WARM_UP = 2


def predict_seconds(config: Config, data: Data, batches: int = 8, processes: Processes = ALONE) -> float:
    """Train on a few batches, throw the result away, and extend the time of one to the whole run.

    The first two batches, slow as everything is the first time, are left out, and the median of the others is
    taken. The same is counted as in "train_seconds" of a record: no evaluation, no loading.

    Args:
        config, data, processes: as for `topk_lib.experiments.fit`.
        batches: how many are timed, at least 1; a run of fewer steps is timed as a whole.

    Returns:
        Predicted training seconds of the whole run.
    """
    moments, steps = [time.perf_counter()], 0

    def clock(step: int, info: BatchInfo) -> bool:
        nonlocal steps
        steps = info.steps
        float(info.loss)  # waits until a GPU is done with this step
        moments.append(time.perf_counter())
        return step < WARM_UP + batches

    test = data.test.only(slice(1))  # an evaluation that does not count
    validation = None if data.validation is None else test
    run(config, replace(data, test=test, validation=validation), on_batch=clock, processes=processes)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return steps * statistics.median(gaps[WARM_UP:] or gaps)


def duration(seconds: float) -> str:
    """A time in words: seconds, minutes or hours."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
