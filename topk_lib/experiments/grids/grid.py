"""What a comparison trains: every loss in every condition with every seed, and nothing else different."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import NamedTuple

from ... import _validate
from ..config import Config
from ..training.evaluate import KS

METRICS = tuple(f"top{k}" for k in KS)
SETTINGS = tuple(field.name for field in fields(Config) if field.name not in ("seed", "lr"))

Settings = Mapping[str, object]


class Cell(NamedTuple):
    """The runs of one loss in one condition, by their names."""

    condition: str
    loss: str


class Job(NamedTuple):
    """One run.

    Attributes:
        cell: its condition and its loss.
        role: "tune" where it helps to choose the learning rate, "test" where it counts.
        seed: of initialization, order, augmentation and images.
        lr: the largest learning rate.
    """

    cell: Cell
    role: str
    seed: int
    lr: float


@dataclass(frozen=True)
class Grid:
    """A comparison of losses, over conditions and seeds.

    Every loss of a condition gets the same tuning: each of its learning rates is tried once, with a seed of its own,
    on validation images that are part of the training images of the data set. The rate with the best accuracy there,
    of equal ones the smallest, is used with all seeds that count.

    Attributes:
        conditions: settings of `Config` by a name of your choice: what the losses are compared on, such as data set,
            size, network and recipe. The key "lr" may hold learning rates for this condition.
        losses: settings of `Config` by name: "loss" and what shapes it. The key "lr" may hold learning rates for this
            loss, as many as the others have.
        seeds: the seeds that count.
        lr: learning rates to try. One is used as it is, and none means the recipe's.
        tuning_seed: of the runs that try learning rates, none of ``seeds``.
        validation: how many images judge a learning rate; never more than a fifth of the training images there are.
        metric: the accuracy by which they judge, "top1", "top2", "top3" or "top5".

    Raises:
        TypeError, ValueError: naming the setting, its value and what is allowed.
    """

    conditions: Mapping[str, Settings]
    losses: Mapping[str, Settings]
    seeds: Sequence[int]
    lr: Sequence[float] = ()
    tuning_seed: int = 100
    validation: int = 5000
    metric: str = "top1"

    def __post_init__(self) -> None:
        _validate.choice("metric", self.metric, METRICS)
        _validate.integer("validation", self.validation, 1)
        _validate.integer("tuning_seed", self.tuning_seed, 0)
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds must be different whole numbers, at least one, got {list(self.seeds)}")
        if self.tuning_seed in self.seeds:
            raise ValueError(f"tuning_seed must be none of the seeds that count, got {self.tuning_seed}")
        for name, given in (("conditions", self.conditions), ("losses", self.losses)):
            slugs = [slug(each) for each in given]
            if not slugs or len(set(slugs)) < len(slugs):
                raise ValueError(f"{name} must have names that give different folders, got {list(given)}")
        for condition in self.conditions:
            counts = {len(self.rates(Cell(condition, loss))) for loss in self.losses}
            if len(counts) > 1:
                raise ValueError(f"lr must hold as many rates for every loss, got {sorted(counts)} in {condition!r}")
        for cell in self.cells:
            for seed in (*self.seeds, self.tuning_seed):
                self.config(Job(cell, "test", seed, self.rates(cell)[0]))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every loss in every condition."""
        return tuple(Cell(condition, loss) for condition in self.conditions for loss in self.losses)

    @property
    def baseline(self) -> str:
        """The loss that the others are compared with: the first cross-entropy, or else the first of all."""
        plain = (name for name, settings in self.losses.items() if settings.get("loss") == "ce")
        return next(plain, next(iter(self.losses)))

    def rates(self, cell: Cell) -> tuple[float, ...]:
        """The learning rates of a cell, in ascending order."""
        condition, loss = self.conditions[cell.condition], self.losses[cell.loss]
        given = (loss.get("lr"), condition.get("lr"), self.lr)
        rates = next((rates for rates in given if rates not in (None, [], ())), ())
        rates = rates if isinstance(rates, list | tuple) else (rates,)
        with _naming(cell):
            return tuple(sorted({_validate.positive_real("lr", rate) for rate in rates})) or (self._usual_rate(cell),)

    def tuning(self, cell: Cell) -> tuple[Job, ...]:
        """The runs that choose the learning rate of a cell: none where there is nothing to choose."""
        rates = self.rates(cell)
        return tuple(Job(cell, "tune", self.tuning_seed, rate) for rate in rates) if len(rates) > 1 else ()

    def tests(self, cell: Cell, lr: float) -> tuple[Job, ...]:
        """The runs of a cell that count."""
        return tuple(Job(cell, "test", seed, lr) for seed in self.seeds)

    def config(self, job: Job) -> Config:
        """The settings of a run."""
        with _naming(job.cell):
            return Config(**self._settings(job.cell), seed=job.seed, lr=job.lr)

    def describe(self) -> dict[str, object]:
        """All of it as plain values, for a record."""
        return {
            "conditions": {name: dict(settings) for name, settings in self.conditions.items()},
            "losses": {name: dict(settings) for name, settings in self.losses.items()},
            "seeds": list(self.seeds),
            "lr": list(self.lr),
            "tuning_seed": self.tuning_seed,
            "validation": self.validation,
            "metric": self.metric,
        }

    def _settings(self, cell: Cell) -> dict[str, object]:
        settings = {**self.conditions[cell.condition], **self.losses[cell.loss]}
        settings.pop("lr", None)
        for name in settings:
            _validate.choice(f"a setting of {cell.loss!r} in {cell.condition!r}", name, SETTINGS)
        return settings

    def _usual_rate(self, cell: Cell) -> float:
        return Config(**self._settings(cell)).make_recipe().lr


@contextmanager
def _naming(cell: Cell) -> Iterator[None]:
    """Errors about a setting say whose it is."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(f"{error} (for {cell.loss!r} in {cell.condition!r})") from error


def slug(name: str) -> str:
    """A name as a file system likes it: small letters, digits, dots and dashes."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
