"""The table of a grid in plain text, and what it can and cannot show."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .grid_results import GridResults
from .sweep_results import Gain


def grid_table(results: GridResults) -> str:
    """A block per condition: for each loss its accuracies, below them what it gains over the baseline."""
    return "\n\n".join(_block(results, condition) for condition in results.conditions)


def grid_caveat(results: GridResults) -> str:
    """How to read the table, and what to be careful about."""
    tuned = f" Learning rates were chosen by {title(results.metric)} on validation images, never on test images."
    said = _about_seeds(results) + (tuned if _is_tuned(results) else "")
    return "\n".join([said, *results.remarks()])


def _about_seeds(results: GridResults) -> str:
    count = len(results.seeds)
    if count == 1:
        return (
            f"One run each, seed {results.seeds[0]}: no intervals. One seed proves nothing; try --seeds 5 before you\n"
            "believe a difference."
        )
    gains = (len(results.losses) - 1) * sum(len(results.ks(condition)) for condition in results.conditions)
    paired = (
        " Differences are paired: with the same\n"
        "seed all losses get the same images, initial weights and batches. Where an interval holds 0 the question\n"
        f"is open. About one interval in twenty misses the truth; {gains} differences are shown. Other data,\n"
        "networks or recipes may give others."
    )
    return f"Means over {count} seeds ± half the 95 % interval by Student's t." + (paired if gains else "")


def _block(results: GridResults, condition: str) -> str:
    data, ks = results.record["data"][condition], results.ks(condition)
    rows = [("", "lr", *map(title, ks), "train seconds")]
    for loss in results.losses:
        accuracies = (percent(results.accuracy(condition, loss, k)) for k in ks)
        rows.append(
            (loss, f"{results.rate(condition, loss):g}", *accuracies, f"{results.seconds(condition, loss):.1f}")
        )
        if loss != results.baseline:
            gains = (points(results.gain(condition, loss, k)) for k in ks)
            rows.append((f"  minus {results.baseline}", "", *gains, ""))
    if best := results.best_possible(condition):
        rows.append(("best possible", "", *(f"{best[k]:.1f}" for k in ks), ""))
    images = f"{data['train_images']:,} training and {data['test_images']:,} test images"
    return f"{condition}: {images}; accuracies in %, differences in points\n{_aligned(rows)}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, all others to the right."""
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = []
    for name, *cells in rows:
        lines.append("  ".join([name.ljust(first), *map(str.rjust, cells, others)]).rstrip())
    return "\n".join(lines)


def percent(value: Gain) -> str:
    """A mean accuracy, with half its interval where that is known."""
    return f"{value.mean:.1f}" if math.isnan(value.half_width) else f"{value.mean:.1f} ± {value.half_width:.1f}"


def points(gain: Gain) -> str:
    """A gain with its sign, with half its interval where that is known."""
    return f"{gain.mean:+.1f}".replace("-", "−") if math.isnan(gain.half_width) else str(gain)


def title(k: str) -> str:
    """ "top-5" for "top5"."""
    return k.replace("top", "top-")


def _is_tuned(results: GridResults) -> bool:
    return any("tune" in row for row in results.record["rows"])
