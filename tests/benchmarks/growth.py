"""How time and memory grow with the number of classes, without m, until a stated rule ends it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
from torch import nn

from topk_lib.course.lesson_05.storage import peak_bytes

from .cases import Case
from .contestants import FLOOR
from .memory import saved_bytes
from .steps import Contestant
from .timing import interleaved, median
from .variants import GROWTH_VARIANT, VARIANTS

SIZES, QUICK_SIZES = (10**3, 10**4, 10**5, 10**6), (100, 300, 1000)
WAYS = ("splitter_selection", "bitonic", "neuralsort", "softsort", FLOOR)
NUMBERS, LARGEST_BATCH = 2**20, 128
"""Logits in a batch, and samples: as many samples as keep to both."""

MOST_BUILD, MOST_STEP, MOST_BYTES = 30.0, 10.0, 4 * 2**30
"""Seconds that a first step and a later one may take, bytes that a step may need, all foretold from the size before."""


def growth(sizes: Sequence[int] = SIZES, rounds: int = 5, budget: float = 8.0) -> dict[str, object]:
    """The curves.

    Args:
        sizes: numbers of classes, ascending.
        rounds: at every size, of which the median is kept.
        budget: seconds for the rounds of one size.

    Returns:
        "variant" of this library; "rows", one per size and way: classes, way, batch, first_seconds (of the first
        step, which builds the network), seconds per sample, saved_bytes and peak_bytes of one more sample, fixed_bytes
        beside them; "slopes": by way the exponents fitted to seconds and peak_bytes; "ends": by way the size that it
        did not reach, and the rule; "limits".
    """
    rows: list[dict[str, object]] = []
    ends: dict[str, dict[str, object]] = {}
    for classes in sizes:
        for way in set(WAYS) - set(ends):
            if reason := _end(rows, way, classes):
                ends[way] = {"classes": classes, "rule": reason}
        rows += _rows_of(classes, [way for way in WAYS if way not in ends], rounds, budget)
    slopes = {way: {what: _slope(rows, way, what) for what in ("seconds", "peak_bytes")} for way in WAYS}
    limits = {"first_seconds": MOST_BUILD, "seconds": MOST_STEP, "bytes": MOST_BYTES, "numbers": NUMBERS}
    return {"variant": GROWTH_VARIANT, "rows": rows, "slopes": slopes, "ends": ends, "limits": limits}


def batch_of(classes: int) -> int:
    """How many samples a batch has."""
    return max(1, min(LARGEST_BATCH, NUMBERS // classes))


def _rows_of(classes: int, ways: Sequence[str], rounds: int, budget: float) -> list[dict[str, object]]:
    case = Case("splitter_selection", batch_of(classes), classes)
    logits, labels = case.sample()
    running = {way: _contestant(way, case) for way in ways}
    steps = {way: each.step(logits, labels) for way, each in running.items()}
    first = {way: _timed(step) for way, step in steps.items()}
    turns = interleaved(steps, rounds, budget)
    return [
        {
            "classes": classes,
            "way": way,
            "batch": case.batch,
            "first_seconds": first[way],
            "seconds": median(turns, way) / case.batch,
            **_amounts(case, running[way]),
        }
        for way in ways
    ]


def _amounts(case: Case, contestant: Contestant) -> dict[str, int]:
    """Bytes of one more sample, by steps on one and on two; the tables of a network are the same for both."""
    one, two = (case.sample(batch) for batch in (1, 2))
    kept = [saved_bytes(contestant, *sample) for sample in (one, two)]
    peaks = [peak_bytes(contestant.step(*sample)) for sample in (one, two)]
    peak = peaks[1] - peaks[0]
    return {"saved_bytes": kept[1] - kept[0], "peak_bytes": peak, "fixed_bytes": max(0, peaks[0] - peak)}


def _contestant(way: str, case: Case) -> Contestant:
    if way == FLOOR:
        return Contestant(nn.CrossEntropyLoss())
    return Contestant(Case(way, case.batch, case.classes).loss(), VARIANTS[GROWTH_VARIANT])


def _end(rows: Sequence[dict], way: str, classes: int) -> str:
    """Why this way stops before so many classes, or ""."""
    before = [row for row in rows if row["way"] == way]
    if not before:
        return ""
    last = before[-1]
    times = classes / last["classes"]
    build = last["first_seconds"] * times * (math.log(classes) / math.log(last["classes"])) ** 2
    step = last["seconds"] * times * batch_of(classes)
    needed = times * (last["peak_bytes"] * batch_of(classes) + last["fixed_bytes"])
    for name, value, most, unit in (
        ("the first step, which builds the network,", build, MOST_BUILD, "s"),
        ("a step", step, MOST_STEP, "s"),
        ("a step", needed / 2**30, MOST_BYTES / 2**30, "GiB"),
    ):
        if value > most:
            foretold = f"{value:.0f} {unit}, foretold from n = {last['classes']:,}"
            return f"{name} would take {foretold}; the limit is {most:g} {unit}"
    return ""


def _slope(rows: Sequence[dict], way: str, what: str) -> float | None:
    """The exponent of n that fits best, None for fewer than two sizes."""
    points = [(math.log(row["classes"]), math.log(max(row[what], 1e-12))) for row in rows if row["way"] == way]
    return float(np.polyfit(*zip(*points, strict=True), 1)[0]) if len(points) > 1 else None


def _timed(step: Callable[[], None]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
