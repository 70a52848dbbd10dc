"""What a run is asked to do, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches

from torch import nn

from .. import _validate
from ..losses import TopKCrossEntropyLoss
from ..sorters import SORTERS, make_sorter
from .data import EMBEDDINGS
from .data.folder import check_size
from .models import MODELS
from .training.machine import PRECISIONS
from .training.recipes import HEAD_RECIPES, RECIPES, Recipe

LOSSES = ("ce", "topk")
TOPK_ONLY = ("p_k", "sorter", "steepness", "distribution", "art_lambda", "temperature", "m", "top1_mode")
SORTER_SETTINGS = ("steepness", "distribution", "art_lambda", "temperature")
DEFAULT_SORTER = "splitter_selection"
SMALL_IMAGENET = 1000  # classes; what has more is treated as the 10 450 of ImageNet-21K-P are
PAPER_HEAD_LOSS = {"distribution": "logistic_phi", "steepness": 1.0, "art_lambda": 0.5}


@dataclass(frozen=True)
class Config:
    """Settings of one training run. None means the value of the recipe, of the loss, or of the sorter.

    Attributes:
        dataset: as `topk_lib.experiments.data.load` takes it.
        loss: "ce" for cross-entropy or "topk" for `topk_lib.TopKCrossEntropyLoss`.
        p_k, sorter, steepness, distribution, art_lambda, temperature, m, top1_mode: of the top-k loss and of
            no other; the sorter by its name in `topk_lib.SORTERS`.
        model: "small_cnn", "resnet18" or "linear"; by default the first, and a linear head on embeddings.
        recipe: "fast", "paper" or "modern", see `topk_lib.experiments.RECIPES`.
        epochs, lr, batch_size: in place of the recipe's.
        seed: of initialization, order and augmentation, and of the data where a size is given.
        train_size, test_size: use only so many images.
        size: resize the images of "folder:PATH" to size x size pixels; None for images that are equal already.
        device: "auto" (CUDA, else XPU, else MPS, else CPU), or the name of a device.
        precision: "auto" (bfloat16 where the device computes in it natively), "float32", "bfloat16" or, on CUDA,
            "float16". Logits and loss are float32 either way.
        changes: other values in place of the recipe's, by their names in `topk_lib.experiments.Recipe`:
            {"weight_decay": 0.0, "flip": False}.

    Raises:
        TypeError, ValueError: naming the setting, its value and what is allowed.
    """

    dataset: str = "synthetic100"
    loss: str = "ce"
    p_k: Sequence[float] | None = None
    sorter: str | None = None
    steepness: float | None = None
    distribution: str | None = None
    art_lambda: float | None = None
    temperature: float | None = None
    m: int | None = None
    top1_mode: str | None = None
    model: str | None = None
    recipe: str = "fast"
    epochs: int | None = None
    lr: float | None = None
    batch_size: int | None = None
    seed: int = 0
    train_size: int | None = None
    test_size: int | None = None
    size: int | None = None
    device: str = "auto"
    precision: str = "auto"
    changes: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, allowed in (
            ("loss", LOSSES),
            ("model", tuple(MODELS) if self.model is not None else (None,)),
            ("recipe", RECIPES),
            ("precision", PRECISIONS),
        ):
            _validate.choice(name, getattr(self, name), allowed)
        for name, low in (("seed", 0), ("train_size", 1), ("test_size", 1)):
            if getattr(self, name) is not None:
                _validate.integer(name, getattr(self, name), low)
        for name in ("dataset", "device"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a str, got {getattr(self, name)!r}")
        if self.model is None:
            object.__setattr__(self, "model", "linear" if self.dataset.startswith(EMBEDDINGS) else "small_cnn")
        check_size(self.dataset, self.size)
        if not isinstance(self.changes, Mapping):
            raise TypeError(f"changes must be a table of settings of the recipe, got {self.changes!r}")
        _refuse_unknown(self.changes, CHANGES)
        self.make_recipe()
        self.make_loss()

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Config:
        """From settings in one level, those of the recipe among the others: as `resolved` has them, or a TOML file.

        Raises:
            TypeError, ValueError: an unknown setting, or as the class itself does.
        """
        _refuse_unknown(settings, (*OWN, *CHANGES))
        changes = {name: value for name, value in settings.items() if name in CHANGES}
        return cls(**{name: value for name, value in settings.items() if name in OWN}, changes=changes)

    def make_recipe(self) -> Recipe:
        """The named recipe with this run's own values in place of its."""
        own = {name: value for name in IN_BOTH if (value := getattr(self, name)) is not None}
        return replace(self._named_recipe(), **own, **self.changes)

    def _named_recipe(self) -> Recipe:
        if not self.dataset.startswith(EMBEDDINGS):
            return RECIPES[self.recipe]
        if self.recipe not in HEAD_RECIPES:
            raise ValueError(f"recipe must be {' or '.join(HEAD_RECIPES)} with embeddings, got {self.recipe!r}")
        return HEAD_RECIPES[self.recipe]

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
            if all(getattr(self, name) is None for name in ("sorter", *SORTER_SETTINGS)):
                filled |= PAPER_HEAD_LOSS
        return replace(self, **filled)

    def make_loss(self) -> nn.Module:
        """The loss, called with logits (B, n) and labels (B,)."""
        given = {name: getattr(self, name) for name in TOPK_ONLY if getattr(self, name) is not None}
        if self.loss == "ce":
            for name, value in given.items():
                raise ValueError(f"{name} must be left out unless loss='topk', got {value!r} with loss='ce'")
            return nn.CrossEntropyLoss()
        if self.art_lambda is not None and self.distribution != "logistic_phi":
            raise ValueError(f"art_lambda must be left out unless distribution='logistic_phi', got {self.art_lambda!r}")
        kind = _validate.choice("sorter", given.pop("sorter", DEFAULT_SORTER), SORTERS)
        of_sorter = {name: given.pop(name) for name in SORTER_SETTINGS if name in given}
        return TopKCrossEntropyLoss(sorter=make_sorter(kind, **of_sorter), **given)

    def resolved(self) -> dict[str, object]:
        """All settings as plain values, with what was None filled in where the run has a value for it.

        Values of the recipe are among them where the run has its own: `from_settings` makes the same run of them.
        """
        recipe, loss = asdict(self.make_recipe()), self.make_loss()
        usual = asdict(self._named_recipe())
        settings = {name: getattr(self, name) for name in OWN} | {name: recipe[name] for name in IN_BOTH}
        settings |= {name: recipe[name] for name in CHANGES if recipe[name] != usual[name]}
        if self.loss == "topk":
            settings |= {name: getattr(loss.sorter, name, None) for name in SORTER_SETTINGS}
            settings |= {"p_k": list(loss.p_k), "top1_mode": loss.top1_mode, "sorter": self.sorter or DEFAULT_SORTER}
            if settings["distribution"] != "logistic_phi":
                settings["art_lambda"] = None
        return settings


OWN = tuple(each.name for each in fields(Config) if each.name != "changes")
IN_BOTH = tuple(each.name for each in fields(Recipe) if each.name in OWN)
CHANGES = tuple(each.name for each in fields(Recipe) if each.name not in OWN)
"""Settings by where they stand: in `Config` itself, there and in the recipe, or in the recipe alone."""


def _refuse_unknown(names: Iterable[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            near = get_close_matches(name, allowed, n=1, cutoff=0.5)
            raise ValueError(f"unknown setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
