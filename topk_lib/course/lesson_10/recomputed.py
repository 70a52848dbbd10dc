"""Exercise 10.1: does a printed number follow from its record?"""

from __future__ import annotations

from ..checks import Checks, Instead, agrees, each, holds


def recomputed(record: dict, baseline: dict, k: int) -> tuple[float, float]:
    """The final top-k accuracy of record in percent, and its difference from baseline's in percentage points."""
    key = f"top{k}"
    accuracy = 100 * record["final"][key]
    return accuracy, accuracy - 100 * baseline["final"][key]


def _record(name: str, epochs: list[tuple[float, float]], final: tuple[float, float]) -> dict:
    rows = [{"epoch": i, "top1": a, "top5": b} for i, (a, b) in enumerate(epochs, start=1)]
    final_row = {"top1": final[0], "top5": final[1]}
    return {"name": name, "epochs_are_on": "held-out images", "epochs": rows, "final": final_row}


# The rows of "epochs" are about held-out images, so neither the last nor the best of them is the result.
OURS = _record("the first", [(0.41, 0.71), (0.63, 0.88), (0.60, 0.87)], (0.58, 0.862))
PLAIN = _record("the second", [(0.44, 0.70), (0.59, 0.83), (0.62, 0.86)], (0.61, 0.847))
OTHERWISE = _record("another", [(0.1, 0.2)] * 3, (0.58, 0.862))
CASES = [(a, b, k) for a, b in ((OURS, PLAIN), (PLAIN, OURS)) for k in (1, 5)]

CHECKS = Checks(
    reference=recomputed,
    cases=CASES,
    case="top-{k} of {record[name]} record",
    imports="",
    properties={
        "the accuracy is a percentage": each(
            CASES, lambda found, *_: 20 <= found[0] <= 100, "{answer[0]:.3f}, expected a percentage"
        ),
        "a record is 0 points ahead of itself": agrees(
            [(OURS, OURS, 5)], lambda *_: 0.0, of=lambda found: found[1], what="the difference from itself", case=""
        ),
        "exchanging the records turns the sign": holds(
            lambda there, back: abs(there + back) < 1e-3 < abs(there),
            "{:.3f} one way, {:.3f} the other",
            (OURS, PLAIN, 5),
            (PLAIN, OURS, 5),
            of=lambda found: found[1],
        ),
        "the rows of the epochs do not matter": holds(
            lambda before, after: (before == after).all(),
            "other epochs, same final: {0[0]:.3f} becomes {1[0]:.3f}",
            (OURS, PLAIN, 5),
            (OTHERWISE, PLAIN, 5),
        ),
        "both numbers are those of the records": agrees(CASES),
    },
    mistakes={
        "fractions for percent": Instead("accuracy = 100 * ", "accuracy = ", "accuracy - 100 * ", "accuracy - "),
        "the last epoch": Instead(
            *('record["final"]', 'record["epochs"][-1]'), *('baseline["final"]', 'baseline["epochs"][-1]')
        ),
        "the best epoch": Instead(
            *('record["final"][key]', 'max(row[key] for row in record["epochs"])'),
            *('baseline["final"][key]', 'max(row[key] for row in baseline["epochs"])'),
        ),
        "the sign turned": Instead(
            'accuracy - 100 * baseline["final"][key]', '100 * baseline["final"][key] - accuracy'
        ),
        "a relative gain": Instead('- 100 * baseline["final"][key]', '/ baseline["final"][key] - 100'),
        "always top-1": Instead('f"top{k}"', '"top1"'),
    },
)
