"""Reading the record of a sweep: paired gains with their intervals, and the distance to the best possible."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..reading import read_json
from ..student_t import t_quantile
from .blob_runs import KS, Condition, Loss
from .sweep import Cell, read_key

PLAIN = "cross-entropy"
SHAPE = {"rows": [list], "best": [[float]]}


class Gain(NamedTuple):
    """A mean over seeds and half the width of its 95 % confidence interval, both in percentage points."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.mean + self.half_width

    @property
    def verdict(self) -> str:
        """ "gain" or "loss" where the interval lies on one side of zero, else "open"."""
        return "gain" if self.low > 0 else "loss" if self.high < 0 else "open"

    def __str__(self) -> str:
        return f"{self.mean:+.1f} ± {self.half_width:.1f}".replace("-", "−")


class ForestRow(NamedTuple):
    """One condition.

    Attributes:
        name: in a few words.
        room: points that cross-entropy is below the best possible top-5; None where that is not shown.
        top1, top5: what relaxing k gains over cross-entropy.
    """

    name: str
    room: float | None
    top1: Gain
    top5: Gain


class SweepResults:
    """What the runs of `topk_lib.experiments.grids.sweep` say.

    Args:
        record: the content of its file.
    """

    def __init__(self, record: Mapping[str, object]) -> None:
        self.record = record
        self._runs: dict[Cell, dict[int, tuple[float, ...]]] = {}
        self._rates: dict[Cell, float] = {}
        for row in record["rows"]:
            cell, role, seed, lr = read_key(row)
            if role == "test":
                self._runs.setdefault(cell, {})[seed] = tuple(row[-6:-1])
                self._rates[cell] = lr
        self._best = {(spread, seed): tuple(values) for spread, seed, *values in record["best"]}

    @classmethod
    def from_file(cls, path: str | Path) -> SweepResults:
        """The results in a file that the sweep wrote."""
        return cls(read_json(path, SHAPE))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition with results, in the order of the file."""
        return tuple(dict.fromkeys(cell.condition for cell in self._runs))

    def losses(self, condition: Condition) -> tuple[Loss, ...]:
        """Every loss with results in this condition, in the order of the file."""
        return tuple(cell.loss for cell in self._runs if cell.condition == condition)

    def accuracies(self, condition: Condition, loss: Loss | str = PLAIN) -> dict[int, tuple[float, ...]]:
        """Top-1 … top-5 on clean labels, fractions, of every seed.

        Args:
            condition: what was trained on.
            loss: a `Loss`, or its P_K by name where all else is as ever.

        Raises:
            ValueError: no such runs are recorded.
        """
        try:
            return self._runs[_cell(condition, loss)]
        except KeyError:
            raise ValueError(f"no runs are recorded of {loss!r} in {condition}") from None

    def learning_rate(self, condition: Condition, loss: Loss | str = PLAIN) -> float:
        """The learning rate that was chosen for these runs."""
        self.accuracies(condition, loss)
        return self._rates[_cell(condition, loss)]

    def gains(self, condition: Condition, loss: Loss | str) -> tuple[Gain, ...]:
        """Accuracy minus that of cross-entropy over all classes, paired by seed: one `Gain` for each of top-1 … top-5.

        Raises:
            ValueError: runs are missing, or their seeds differ.
        """
        ours, plain = self.accuracies(condition, loss), self.accuracies(condition)
        if ours.keys() != plain.keys():
            raise ValueError(f"the seeds differ: {sorted(ours)} and {sorted(plain)} in {condition}")
        return tuple(
            paired_gain([ours[seed][i] for seed in plain], [plain[seed][i] for seed in plain]) for i in range(len(KS))
        )

    def best_possible(self, condition: Condition) -> tuple[float, ...]:
        """The best possible top-1 … top-5 on clean labels, fractions, averaged over the seeds."""
        return _means([self._best[condition.spread, seed] for seed in self.accuracies(condition)])

    def mean_accuracies(self, condition: Condition, loss: Loss | str = PLAIN) -> tuple[float, ...]:
        """Top-1 … top-5, fractions, averaged over the seeds."""
        return _means(list(self.accuracies(condition, loss).values()))

    def room(self, condition: Condition, loss: Loss | str = PLAIN) -> tuple[float, ...]:
        """How many points these runs are below the best possible top-1 … top-5, averaged over the seeds."""
        pairs = zip(self.best_possible(condition), self.mean_accuracies(condition, loss), strict=True)
        return tuple(100 * (best - reached) for best, reached in pairs)


def paired_gain(ours: Sequence[float], theirs: Sequence[float]) -> Gain:
    """Mean of ours minus theirs in points, with its 95 % interval by Student's t.

    Args:
        ours, theirs: accuracies as fractions, in the same order of at least two seeds.
    """
    differences = [100 * (a - b) for a, b in zip(ours, theirs, strict=True)]
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    return Gain(statistics.fmean(differences), t_quantile(len(differences) - 1) * error)


def _cell(condition: Condition, loss: Loss | str) -> Cell:
    return Cell(condition, Loss(loss) if isinstance(loss, str) else loss)


def _means(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(statistics.fmean(column) for column in zip(*rows, strict=True))
