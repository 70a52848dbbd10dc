"""Wall time of contestants that take turns, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

TURN, MOST_CALLS, FEWEST_ROUNDS = 0.002, 50, 3
"""A turn lasts at least so many seconds, by calling again at most so often; nobody has fewer turns than the last."""

Steps = Mapping[str, Callable[[], object]]
Clock = Callable[[], float]
Turns = dict[str, dict[int, float]]
"""For every contestant the seconds of one call, by the round in which they were taken."""


def interleaved(steps: Steps, rounds: int, budget: float, clock: Clock = time.perf_counter) -> Turns:
    """Let everyone run once a round, in turning order; the slow ones sit out rounds to keep within their share.

    Args:
        steps: what is called, by name; each is called twice before the clock runs.
        rounds: at most so many.
        budget: seconds for all of them together; everyone has an equal share.
        clock: tells the seconds that turns take; by default that of the wall.
    """
    costs = {name: _cost(step) for name, step in steps.items()}
    calls = {name: min(MOST_CALLS, max(1, math.ceil(TURN / cost))) for name, cost in costs.items()}
    share = budget / max(1, len(steps))
    every = {name: _every(share / (costs[name] * calls[name]), rounds) for name in steps}
    turns: Turns = {name: {} for name in steps}
    with no_collection():
        for i in range(rounds):
            for name in sorted(steps, reverse=bool(i % 2)):
                if i % every[name] == 0:
                    turns[name][i] = seconds_of(steps[name], calls[name], clock)
    return turns


def median(turns: Turns, name: str) -> float:
    """The middle of all turns of one contestant."""
    return statistics.median(turns[name].values())


def ratio(turns: Turns, name: str, other: str) -> float:
    """How many times as long ``name`` takes as ``other``: the middle of the ratios of each round that both ran in."""
    common = turns[name].keys() & turns[other].keys()
    return statistics.median(turns[name][i] / turns[other][i] for i in common)


def best_ratio(turns: Turns, name: str, other: str) -> float:
    """The ratio of the fastest turns: what noise can only lengthen."""
    return min(turns[name].values()) / min(turns[other].values())


def seconds_of(step: Callable[[], object], calls: int = 1, clock: Clock = time.perf_counter) -> float:
    """Seconds of one call; before many short ones, one that isn't counted finds the processor asleep."""
    if calls > 1:
        step()
    began = clock()
    for _ in range(calls):
        step()
    return (clock() - began) / calls


@contextmanager
def no_collection() -> Iterator[None]:
    """Inside, Python does not tidy up: it would do so at the expense of whoever runs just then."""
    gc.collect()
    usual = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if usual:
            gc.enable()


def _cost(step: Callable[[], object]) -> float:
    step()
    return seconds_of(step)


def _every(affordable: float, rounds: int) -> int:
    """Run every so manieth round: a power of two, so that the rounds of the slow are among those of the fast."""
    wanted = min(rounds, max(FEWEST_ROUNDS, affordable))
    return 2 ** max(0, math.floor(math.log2((rounds - 1) / (wanted - 1)))) if rounds > wanted > 1 else 1
