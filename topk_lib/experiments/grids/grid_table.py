"""The table of a grid in plain text, and what it can and cannot show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from ..statistics import MeanCI, standard_error
from .grid_results import GridResults


def grid_table(results: GridResults) -> str:
    """A block per condition: for each loss its accuracies, below them what it gains over the baseline."""
    return "\n\n".join(_block(results, condition) for condition in results.conditions)


def grid_caveat(results: GridResults) -> str:
    """How to read the table, and what to be careful about."""
    said, first = _about_seeds(results), results.conditions[0]
    if any(row.role == "tune" for row in results.rows):
        tuned = results.tests(first, results.losses_in(first)[0])[0].tuned
        others = "".join(f" and {name.replace('_', ' ')}" for name in tuned)
        chosen = f"Learning rates{others} were chosen by {title(results.metric)}"
        said += f" {chosen} on validation samples, never on test samples."
    return "\n".join([said, *results.remarks()])


def _about_seeds(results: GridResults) -> str:
    count = len(results.seeds)
    if count == 1:
        return (
            f"One run each, seed {results.seeds[0]}: no intervals. {_probability(results)}, and\n"
            "another seed moves it again. One seed proves nothing: try --seeds 5 before you believe a difference."
        )
    gains = sum((len(results.losses_in(name)) - 1) * len(results.ks(name)) for name in results.conditions)
    paired = (
        " Differences are paired: with the same\n"
        "seed all losses get the same samples, initial weights and batches. Where an interval holds 0 the question\n"
        f"is open. About one interval in twenty misses the truth; {gains} differences are shown. Other data,\n"
        "networks or recipes may give others."
    )
    return f"Means over {count} seeds ± half the 95 % interval by Student's t." + (paired if gains else "")


def _probability(results: GridResults) -> str:
    """How far the test samples alone may lead an accuracy astray."""
    errors = []
    for condition in results.conditions:
        (count,) = (size for name, size in results.record["data"][condition].items() if name.startswith("test_"))
        for loss, k in product(results.losses_in(condition), results.ks(condition)):
            errors.append(standard_error(results.values(condition, loss, k)[0], count))
    return f"The test samples leave a number uncertain by\n±{100 * max(errors):.1f} points (one standard error)"


def _block(results: GridResults, condition: str) -> str:
    data, ks = results.record["data"][condition], results.ks(condition)
    rows = [("", "lr", *map(title, ks), "train seconds")]
    for loss in results.losses_in(condition):
        accuracies = (percent(results.accuracy(condition, loss, k)) for k in ks)
        seconds = results.seconds(condition, loss)
        shown = "" if math.isnan(seconds) else f"{seconds:.1f}"
        rows.append((loss, f"{results.rate(condition, loss):g}", *accuracies, shown))
        if loss != results.baseline:
            gains = (points(results.gain(condition, loss, k)) for k in ks)
            rows.append((f"  minus {results.baseline}", "", *gains, ""))
    if best := results.best_possible(condition):
        rows.append(("best possible", "", *(f"{best[k]:.1f}" for k in ks), ""))
    sizes = {name.removeprefix("train_"): size for name, size in data.items() if name.startswith("train_")}
    ((kind, size),) = sizes.items()
    known = f"{size:,} training and {data[f'test_{kind}']:,} test {kind}"
    return f"{condition}: {known}; accuracies in %, differences in points\n{_aligned(rows)}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, all others to the right."""
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = []
    for name, *cells in rows:
        lines.append("  ".join([name.ljust(first), *map(str.rjust, cells, others)]).rstrip())
    return "\n".join(lines)


def percent(value: MeanCI) -> str:
    """A mean accuracy, with half its interval where that is known."""
    return f"{value.mean:.1f}" if math.isnan(value.half_width) else f"{value.mean:.1f} ± {value.half_width:.1f}"


def points(gain: MeanCI) -> str:
    """A gain with its sign, with half its interval where that is known."""
    return f"{gain.mean:+.1f}".replace("-", "−") if math.isnan(gain.half_width) else str(gain)


def title(k: str) -> str:
    """ "top-5" for "top5"."""
    return k.replace("top", "top-")
