"""What a comparison trains: every loss in every condition with every seed, and nothing else different."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any, NamedTuple

from ... import _validate
from ..config import Config, all_settings
from ..training.evaluate import KS

METRICS = tuple(f"top{k}" for k in KS)
MEASURES = ("labels", "posterior")
OF_THE_GRID = ("tune", "losses")
"""What a condition or a loss may hold beside settings of a run."""

Settings = Mapping[str, Any]
Choice = tuple[tuple[str, Any], ...]
"""Values of the settings that were tuned, by name."""


class Cell(NamedTuple):
    """The runs of one loss in one condition, by their names."""

    condition: str
    loss: str


class Job(NamedTuple):
    """One run.

    Attributes:
        cell: its condition and its loss.
        role: "tune" where it helps to choose settings, "test" where it counts.
        seed: of initialization, order, augmentation and samples.
        choice: the settings that are tuned, the learning rate always among them.
    """

    cell: Cell
    role: str
    seed: int
    choice: Choice


@dataclass(frozen=True)
class Grid:
    """A comparison of losses, over conditions and seeds.

    Every loss of a condition gets the same tuning: each combination of the values to try is tried once, with a seed of
    its own, on validation samples: those of the data set, or a part of its training samples. The one with the best
    accuracy there, of equal ones the smallest, is used with all seeds that count.

    Attributes:
        conditions: settings of `Config` by a name of your choice: what the losses are compared on, such as data set,
            size, network and recipe. The key "tune" may hold values to try in this condition, and "losses" the names of
            the losses that are trained in it, all by default.
        losses: settings of `Config` by name: "loss" and what shapes it. The key "tune" may hold values to try for this
            loss, in as many combinations as the others have.
        seeds: the seeds that count.
        tune: values to try by setting, such as {"lr": [0.1, 0.3], "weight_decay": [0, 5e-4]}. One value is used as it
            is, and a learning rate that is not given is the recipe's.
        tuning_seed: of the runs that try values, none of ``seeds``.
        validation: how many samples judge them where the data set has none for that; never more than a fifth of the
            training samples there are.
        metric: the accuracy by which they judge, "top1", "top2", "top3" or "top5".
        measure: "labels" for accuracies on the labels of the test samples, "posterior" for those that are expected over
            all labels that they can have, where the data set knows.

    Raises:
        TypeError, ValueError: naming the setting, its value and what is allowed.
    """

    conditions: Mapping[str, Settings]
    losses: Mapping[str, Settings]
    seeds: Sequence[int]
    tune: Settings = field(default_factory=dict)
    tuning_seed: int = 100
    validation: int = 5000
    metric: str = "top1"
    measure: str = "labels"

    def __post_init__(self) -> None:
        _validate.choice("metric", self.metric, METRICS)
        _validate.choice("measure", self.measure, MEASURES)
        _validate.integer("validation", self.validation, 1)
        _validate.integer("tuning_seed", self.tuning_seed, 0)
        for seed in self.seeds:
            _validate.integer("seeds", seed, 0)
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds must be different whole numbers, at least one, got {list(self.seeds)}")
        if self.tuning_seed in self.seeds:
            raise ValueError(f"tuning_seed must be none of the seeds that count, got {self.tuning_seed}")
        for name, given in (("conditions", self.conditions), ("losses", self.losses)):
            slugs = [slug(each) for each in given]
            if not slugs or len(set(slugs)) < len(slugs):
                raise ValueError(f"{name} must have names that give different folders, got {list(given)}")
        for condition in self.conditions:
            counts = {len(self.choices(cell)) for cell in self.cells if cell.condition == condition}
            if len(counts) > 1:
                raise ValueError(f"tune must hold as many values for every loss, got {sorted(counts)} in {condition!r}")
        for cell in self.cells:
            self.config(Job(cell, "test", self.tuning_seed, self.choices(cell)[0]))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every loss in every condition that it is trained in."""
        return tuple(Cell(name, loss) for name in self.conditions for loss in self.losses_in(name))

    def losses_in(self, condition: str) -> tuple[str, ...]:
        """The names of the losses that are trained in a condition, in their order.

        Raises:
            ValueError: one of them is unknown.
        """
        asked = self.conditions[condition].get("losses", list(self.losses))
        for name in asked:
            _validate.choice(f"losses in {condition!r}", name, self.losses)
        return tuple(name for name in self.losses if name in asked)

    @property
    def baseline(self) -> str:
        """The loss that the others are compared with: the first cross-entropy, or else the first of all."""
        plain = (name for name, settings in self.losses.items() if settings.get("loss") == "ce")
        return next(plain, next(iter(self.losses)))

    def choices(self, cell: Cell) -> tuple[Choice, ...]:
        """All combinations of values to try in a cell, in ascending order."""
        with _naming(cell):
            tried = {**self.tune, **self.conditions[cell.condition].get("tune", {})}
            tried = {**tried, **self.losses[cell.loss].get("tune", {})}
            for name in tried:
                _validate.choice("a setting to tune", name, all_settings())
            if not _values(tried.get("lr")):
                first = {name: _values(values)[0] for name, values in tried.items() if _values(values)}
                tried = {**tried, "lr": [Config(**{**self._settings(cell), **first}).make_recipe().lr]}
            tried["lr"] = [_validate.positive_real("lr", rate) for rate in _values(tried["lr"])]
            names = ["lr", *(name for name in tried if name != "lr")]
            values = (sorted(dict.fromkeys(_values(tried[name]))) for name in names)
            return tuple(tuple(zip(names, each, strict=True)) for each in product(*values))

    def tuning(self, cell: Cell) -> tuple[Job, ...]:
        """The runs that choose the settings of a cell: none where there is nothing to choose."""
        choices = self.choices(cell)
        return tuple(Job(cell, "tune", self.tuning_seed, each) for each in choices) if len(choices) > 1 else ()

    def tests(self, cell: Cell, choice: Choice) -> tuple[Job, ...]:
        """The runs of a cell that count."""
        return tuple(Job(cell, "test", seed, choice) for seed in self.seeds)

    def config(self, job: Job) -> Config:
        """The settings of a run."""
        with _naming(job.cell):
            return Config(**{**self._settings(job.cell), **dict(job.choice), "seed": job.seed})

    def describe(self) -> dict[str, Any]:
        """All of it as plain values, for a record."""
        return asdict(self) | {"seeds": list(self.seeds)}

    def _settings(self, cell: Cell) -> dict[str, Any]:
        settings = {**self.conditions[cell.condition], **self.losses[cell.loss]}
        settings = {name: value for name, value in settings.items() if name not in OF_THE_GRID}
        for name in settings:
            allowed = tuple(each for each in all_settings() if each not in ("seed", "lr"))
            _validate.choice(f"a setting of {cell.loss!r} in {cell.condition!r}", name, allowed)
        return settings


def _values(given: Any) -> list[Any]:
    """What stands in a file as a list of values, or as one value."""
    listed = [] if given is None else given if isinstance(given, list | tuple) else [given]
    return [tuple(each) if isinstance(each, list) else each for each in listed]


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
