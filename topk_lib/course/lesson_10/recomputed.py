"""Exercise 10.1: does a printed number follow from its record?"""

from __future__ import annotations

from collections.abc import Callable

from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each


def recomputed(record: dict, baseline: dict, k: int) -> tuple[float, float]:
    """The final top-k accuracy of record in percent, and its difference from baseline's in percentage points."""
    key = f"top{k}"
    accuracy = 100 * record["final"][key]
    return accuracy, accuracy - 100 * baseline["final"][key]


def _record(epochs: list[tuple[float, float]], final: tuple[float, float]) -> dict:
    rows = [{"epoch": i, "top1": a, "top5": b} for i, (a, b) in enumerate(epochs, start=1)]
    return {"epochs_are_on": "held-out images", "epochs": rows, "final": {"top1": final[0], "top5": final[1]}}


# The rows of "epochs" are about held-out images, so neither the last nor the best of them is the result.
OURS = _record([(0.41, 0.71), (0.63, 0.88), (0.60, 0.87)], (0.58, 0.862))
PLAIN = _record([(0.44, 0.70), (0.59, 0.83), (0.62, 0.86)], (0.61, 0.847))


def _name(record: dict, baseline: dict, k: int) -> str:
    return f"top-{k} of {'the first' if record is OURS else 'the second'} record"


def _both(attempt: Attempt, *case: object) -> list[float]:
    return attempt.tensor(*case, shape=(2,)).tolist()


def _in_percent(attempt: Attempt, *case: object) -> str | None:
    accuracy, _ = _both(attempt, *case)
    return None if 20 <= accuracy <= 100 else f"{accuracy:.3f}, expected a percentage"


def _of_itself(attempt: Attempt) -> str | None:
    found = difference(_both(attempt, OURS, OURS, 5)[1], 0.0)
    return found and f"difference of a record from itself: {found}"


def _sign_turns(attempt: Attempt) -> str | None:
    there, back = _both(attempt, OURS, PLAIN, 5)[1], _both(attempt, PLAIN, OURS, 5)[1]
    return None if abs(there + back) < 1e-3 < abs(there) else f"{there:.3f} one way, {back:.3f} the other"


def _final_counts(attempt: Attempt) -> str | None:
    changed = _record([(0.1, 0.2)] * 3, (0.58, 0.862))
    before, after = (_both(attempt, record, PLAIN, 5) for record in (OURS, changed))
    return None if before == after else f"other epochs, same final: {before[0]:.3f} becomes {after[0]:.3f}"


def _with(value: Callable) -> Callable:
    """An answer that takes value(record, key) for the accuracy, a fraction."""

    def mistaken(record: dict, baseline: dict, k: int) -> tuple[float, float]:
        own, other = (100 * value(r, f"top{k}") for r in (record, baseline))
        return own, own - other

    return mistaken


def _relative(record: dict, baseline: dict, k: int) -> tuple[float, float]:
    accuracy, gap = recomputed(record, baseline, k)
    return accuracy, 100 * gap / (accuracy - gap)


CASES = [(a, b, k) for a, b in ((OURS, PLAIN), (PLAIN, OURS)) for k in (1, 5)]

CHECKS = Checks(
    reference=recomputed,
    cases=CASES,
    imports="",
    properties={
        "the accuracy is a percentage": each(CASES, _name, _in_percent),
        "a record is 0 points ahead of itself": _of_itself,
        "exchanging the records turns the sign": _sign_turns,
        "the rows of the epochs do not matter": _final_counts,
        "both numbers are those of the records": agrees(recomputed, CASES, _name),
    },
    mistakes={
        "fractions for percent": lambda r, b, k: tuple(x / 100 for x in recomputed(r, b, k)),
        "the last epoch": _with(lambda record, key: record["epochs"][-1][key]),
        "the best epoch": _with(lambda record, key: max(row[key] for row in record["epochs"])),
        "the sign turned": lambda r, b, k: (recomputed(r, b, k)[0], -recomputed(r, b, k)[1]),
        "a relative gain": _relative,
        "always top-1": _with(lambda record, key: record["final"]["top1"]),
    },
)
