"""What a run is asked to do, checked before anything is loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

from torch import nn

from .. import _validate
from ..losses import LOSSES, loss_settings, make_loss
from ..sorters import DEFAULT_SORTER, SORTERS
from .data import DATASETS, check_settings
from .models import MODELS
from .settings import RENAMED, renamed, setting
from .training.machine import PRECISIONS
from .training.recipes import HEAD_RECIPES, RECIPES, Recipe

NOT_BY_NAME = ("weight", "reduction", "ignore_index")
"""Settings of losses that a run has no use for."""
SMALL_IMAGENET = 1000  # classes; what has more is treated as the 10 450 of ImageNet-21K-P are
PAPER_HEAD_LOSS = {"distribution": "logistic_phi", "steepness": 1.0, "art_lambda": 0.5}


@dataclass(frozen=True)
class General:
    """The settings of a run that are neither of its recipe nor of its loss or data set."""

    dataset: str = setting(
        "synthetic100",
        "synthetic100 (drawn by code), cifar10, cifar100, blobs (points drawn by code), folder:PATH with "
        "train/CLASS/*.png (or .jpg, ...), test/CLASS/ and perhaps val/CLASS/ in it, or embeddings:FILE",
        metavar="NAME",
    )
    loss: str = setting("ce", "what is minimized (default: ce, cross-entropy)", choices=LOSSES)
    model: str | None = setting(None, "network (default: small_cnn; linear on vectors)", choices=MODELS)
    recipe: str = setting("fast", "named set of the values below and more (default: fast)", choices=RECIPES)
    seed: int = setting(0, "of initial weights, order, crops and samples (default: 0)", metavar="N", low=0)
    train_size: int | None = setting(None, "train on N samples only", metavar="N", low=1)
    test_size: int | None = setting(None, "test on N samples only", metavar="N", low=1)
    device: str = setting("auto", "auto, cpu, cuda, cuda:1, xpu, mps, ... (default: auto)")
    precision: str = setting(
        "auto", "auto is bfloat16 where the device is built for it (default: auto)", choices=PRECISIONS
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            value, allowed = getattr(self, each.name), each.metadata
            if each.default is None and value is None:
                continue
            if allowed["choices"] is not None:
                _validate.choice(each.name, value, tuple(allowed["choices"]))
            elif allowed["low"] is not None:
                _validate.integer(each.name, value, allowed["low"])
            elif not isinstance(value, str):
                raise TypeError(f"{each.name} must be a str, got {value!r}")


class Config:
    """Settings of one training run, by name; None and what is left out mean the default.

    They are those of `General` (dataset, loss, model, recipe, seed, train_size, test_size, device, precision), of the
    recipe in place of its own (epochs, lr, batch_size, weight_decay, ...: the fields of
    `topk_lib.experiments.Recipe`), of the loss and its sorter (p_k, m, sorter, steepness, ...: what
    `topk_lib.losses.make_loss` takes), and of the data set (size, spread, ...). Each reads as an attribute.

        Config(dataset="cifar10", loss="topk", p_k=[0.5, 0, 0, 0, 0.5], sorter="bitonic", weight_decay=0.0)

    Raises:
        TypeError, ValueError: naming the setting, its value and what is allowed.
    """

    def __init__(self, dataset: str | None = None, **settings: Any) -> None:
        named = renamed({"dataset": dataset, **settings})
        self._given = {name: value for name, value in named.items() if value is not None}
        for name in self._given:
            if name not in (allowed := all_settings()):
                near = get_close_matches(name, allowed, n=1, cutoff=0.5)
                raise ValueError(f"unknown setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        self._general = General(**{name: self._given[name] for name in GENERAL if name in self._given})
        if self._of_data():
            check_settings(self.dataset, self._of_data())
        self.make_recipe()
        self.make_loss()

    def __getattr__(self, name: str) -> Any:
        name = RENAMED.get(name, name)
        if name.startswith("_") or name not in all_settings():
            raise AttributeError(f"{type(self).__name__} has no setting {name!r}")
        if name == "model":
            return self._general.model or ("small_cnn" if self.is_on_images else "linear")
        return getattr(self._general, name) if name in GENERAL else self._given.get(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.resolved() == other.resolved()

    def __repr__(self) -> str:
        return f"Config({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"

    def __reduce__(self) -> tuple:
        return partial(Config, **self._given), ()

    @property
    def given(self) -> dict[str, Any]:
        """The settings that were asked for."""
        return dict(self._given)

    @property
    def is_on_images(self) -> bool:
        """Whether the samples are images, not vectors."""
        return DATASETS.has_images(self.dataset)

    def replace(self, **settings: Any) -> Config:
        """The same run with other values of these settings."""
        return Config(**{**self._given, **renamed(settings)})

    def make_recipe(self) -> Recipe:
        """The named recipe with this run's own values in place of its."""
        return replace(self._named_recipe(), **{name: self._given[name] for name in RECIPE if name in self._given})

    def _named_recipe(self) -> Recipe:
        recipes = RECIPES if self.is_on_images else HEAD_RECIPES
        if self.recipe not in recipes:
            vectors = f"on vectors, as {self.dataset!r} holds"
            raise ValueError(f"recipe must be {' or '.join(recipes)} {vectors}, got {self.recipe!r}")
        return recipes[self.recipe]

    def make_loss(self) -> nn.Module:
        """The loss, called with logits (B, n) and labels (B,)."""
        given = {name: value for name, value in self._given.items() if name in settings_of_losses()}
        for name, value in given.items():
            if name not in loss_settings(self.loss):
                which = " or ".join(repr(each) for each in LOSSES if name in loss_settings(each))
                raise ValueError(f"{name} must be left out unless loss={which}, got {value!r} with loss={self.loss!r}")
        if "art_lambda" in given and self.distribution != "logistic_phi":
            raise ValueError(f"art_lambda must be left out unless distribution='logistic_phi', got {self.art_lambda!r}")
        if "sorter" in given:
            _validate.choice("sorter", self.sorter, tuple(SORTERS))
        return make_loss(self.loss, **given)

    def _of_data(self) -> dict[str, Any]:
        return {name: value for name, value in self._given.items() if name in settings_of_data()}

    def for_load(self) -> dict[str, Any]:
        """What `topk_lib.experiments.data.load` is called with, but where files lie."""
        return {name: getattr(self, name) for name in ("dataset", "seed", "train_size", "test_size")} | self._of_data()

    def resolved(self) -> dict[str, Any]:
        """All settings as plain values, with what was left out filled in: `Config` makes the same run of them.

        Values of the recipe are among them where the run has its own, and epochs, lr and batch_size always.
        """
        recipe, usual = asdict(self.make_recipe()), asdict(self._named_recipe())
        settings = {name: getattr(self, name) for name in GENERAL}
        settings |= {name: recipe[name] for name in recipe if name in ALWAYS or recipe[name] != usual[name]}
        return settings | self._resolved_loss() | self._of_data()

    def _resolved_loss(self) -> dict[str, Any]:
        """The loss's settings; those of other losses and sorters are None, as those that a comparator does not read."""
        loss, found = self.make_loss(), dict.fromkeys(settings_of_losses())
        found |= {name: getattr(loss, name) for name in LOSSES.settings(self.loss) if name in found}
        sorter = getattr(loss, "sorter", None)
        if sorter is not None:
            found["sorter"] = self.sorter or DEFAULT_SORTER
            found |= {name: getattr(sorter, name) for name in SORTERS.settings(found["sorter"])}
            if found["distribution"] != "logistic_phi":
                found["art_lambda"] = None
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    def for_a_head(self, num_classes: int) -> Config:
        """The same for embeddings of so many classes: what the paper does on ImageNet, where nothing else is asked for.

        With ``recipe="paper"`` the top-k loss has m = 16 up to 1000 classes and 50 for more, and the rate is 1e-4 for
        more; and unless a sorter is asked for, the networks have logistic_phi with steepness 1 and lambda 0.5.
        """
        if self.recipe != "paper":
            return self
        few, filled = num_classes <= SMALL_IMAGENET, {}
        if self.lr is None and not few:
            filled["lr"] = 1e-4
        if self.loss == "topk":
            filled["m"] = self.m or min(16 if few else 50, num_classes)
            if all(getattr(self, name) is None for name in ("sorter", "temperature", *PAPER_HEAD_LOSS)):
                filled |= PAPER_HEAD_LOSS
        return self.replace(**filled)


GENERAL = tuple(each.name for each in fields(General))
RECIPE = tuple(each.name for each in fields(Recipe))
ALWAYS = ("epochs", "lr", "batch_size")


def settings_of_losses() -> tuple[str, ...]:
    """Names of what can be set of any loss and any sorter."""
    names = dict.fromkeys(name for loss in LOSSES for name in loss_settings(loss))
    return tuple(name for name in names if name not in NOT_BY_NAME)


def settings_of_data() -> tuple[str, ...]:
    """Names of what can be set of any data set, beyond the usual."""
    return tuple(dict.fromkeys(name for each in DATASETS for name in DATASETS.settings(each)))


def all_settings() -> tuple[str, ...]:
    """Names of everything that can be set of a run."""
    return (*GENERAL, *RECIPE, *settings_of_losses(), *settings_of_data())
