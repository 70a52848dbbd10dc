"""Whether a step is within reach: foretold from steps on one sample and on a few, before anything large is begun."""

from __future__ import annotations

from .cases import Case
from .memory import saved_bytes
from .steps import Contestant
from .timing import seconds_of

MOST_BYTES, MOST_SECONDS = 4 * 2**30, 20.0
FEW, STEPS, LONG = 2, 5, 1.0


def out_of_reach(case: Case, contestant: Contestant) -> str:
    """Why one step of the whole batch is left out, or "" where it is not.

    Both amounts are taken to grow linearly with the batch.
    """
    few = min(FEW, case.batch)
    one, several = (_measured(case, contestant, batch) for batch in (1, few))
    grown = (case.batch - 1) / max(1, few - 1)
    kept, seconds = (low + max(0, high - low) * grown for low, high in zip(one, several, strict=True))
    if kept <= MOST_BYTES and seconds <= MOST_SECONDS:
        return ""
    foretold = f"one step would keep {kept / 2**30:.1f} GiB and take {seconds:.0f} s, by steps on 1 and {few} samples"
    return f"{foretold}; the limits are {MOST_BYTES / 2**30:g} GiB and {MOST_SECONDS:g} s"


def _measured(case: Case, contestant: Contestant, batch: int) -> tuple[float, float]:
    """Bytes kept, and the seconds of the fastest of a few steps, or of one long one."""
    logits, labels = case.sample(batch)
    kept, step = saved_bytes(contestant, logits, labels), contestant.step(logits, labels)
    seconds = [seconds_of(step)]
    while seconds[0] < LONG and len(seconds) < STEPS:
        seconds.append(seconds_of(step))
    return kept, min(seconds)
