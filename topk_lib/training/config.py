"""What a run is asked to do, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from torch import nn

from .. import _validate
from ..losses import TopKCrossEntropyLoss
from ..models import MODELS
from ..sorters import SORTERS, make_sorter
from .machine import PRECISIONS
from .recipes import RECIPES, Recipe

LOSSES = ("ce", "topk")
TOPK_ONLY = ("p_k", "sorter", "steepness", "distribution", "art_lambda", "temperature", "m", "top1_mode")
SORTER_SETTINGS = ("steepness", "distribution", "art_lambda", "temperature")
DEFAULT_SORTER = "splitter_selection"


@dataclass(frozen=True)
class Config:
    """Settings of one training run. None means the value of the recipe, of the loss, or of the sorter.

    Attributes:
        dataset: as `topk_lib.data.load` takes it.
        loss: "ce" for cross-entropy or "topk" for `topk_lib.TopKCrossEntropyLoss`.
        p_k, sorter, steepness, distribution, art_lambda, temperature, m, top1_mode: of the top-k loss and of
            no other; the sorter by its name in `topk_lib.SORTERS`.
        model: "small_cnn", "resnet18" or "linear".
        recipe: "fast" or "paper", see `topk_lib.training.RECIPES`.
        epochs, lr, batch_size: in place of the recipe's.
        seed: of initialization, order and augmentation, and of the data where a size is given.
        train_size, test_size: use only so many images.
        device: "auto" (CUDA, else MPS, else CPU), or the name of a device.
        precision: "auto" (bfloat16 where the device computes in it natively), "float32" or "bfloat16". Logits
            and loss are float32 either way.

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
    model: str = "small_cnn"
    recipe: str = "fast"
    epochs: int | None = None
    lr: float | None = None
    batch_size: int | None = None
    seed: int = 0
    train_size: int | None = None
    test_size: int | None = None
    device: str = "auto"
    precision: str = "auto"

    def __post_init__(self) -> None:
        for name, allowed in (
            ("loss", LOSSES),
            ("model", MODELS),
            ("recipe", RECIPES),
            ("precision", PRECISIONS),
        ):
            _validate.choice(name, getattr(self, name), allowed)
        for name, low in (("epochs", 1), ("batch_size", 1), ("seed", 0), ("train_size", 1), ("test_size", 1)):
            if getattr(self, name) is not None:
                _validate.integer(name, getattr(self, name), low)
        if self.lr is not None:
            _validate.positive_real("lr", self.lr)
        self.make_loss()

    def make_recipe(self) -> Recipe:
        """The named recipe with this run's epochs, learning rate and batch size."""
        own = {name: getattr(self, name) for name in ("epochs", "lr", "batch_size")}
        return replace(RECIPES[self.recipe], **{name: value for name, value in own.items() if value is not None})

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
        """All settings as plain values, with what was None filled in where the run has a value for it."""
        recipe, loss = self.make_recipe(), self.make_loss()
        settings = asdict(self) | {name: getattr(recipe, name) for name in ("epochs", "lr", "batch_size")}
        if self.loss == "topk":
            settings |= {name: getattr(loss.sorter, name, None) for name in SORTER_SETTINGS}
            settings |= {"p_k": list(loss.p_k), "top1_mode": loss.top1_mode, "sorter": self.sorter or DEFAULT_SORTER}
            if settings["distribution"] != "logistic_phi":
                settings["art_lambda"] = None
        return settings
