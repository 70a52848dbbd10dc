"""Losses, one per file. A new one is a file here: a class that registers itself."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from torch import nn

from ..settings import Setting
from ..sorters import DEFAULT_SORTER, SORTERS, make_sorter
from .base import LOSSES, ClassificationLoss, TopKLoss
from .topk import TopKCrossEntropyLoss, topk_cross_entropy

# isort: split
from .smooth_topk_svm import SmoothTopKSVMLoss
from .topk_hinge import TopKHingeLoss

# isort: split
from .topk_entropy import TopKEntropyLoss
from .truncated_topk_entropy import TruncatedTopKEntropyLoss

# isort: split
from .noised_topk import NoisedTopKLoss

__all__ = [
    "LOSSES",
    "ClassificationLoss",
    "NoisedTopKLoss",
    "SmoothTopKSVMLoss",
    "TopKCrossEntropyLoss",
    "TopKEntropyLoss",
    "TopKHingeLoss",
    "TopKLoss",
    "TruncatedTopKEntropyLoss",
    "loss_settings",
    "make_loss",
    "topk_cross_entropy",
]

# The imports above are in the order in which losses are listed everywhere; every other file here comes after them.

for found in iter_modules(__path__):
    import_module(f".{found.name}", __name__)


def make_loss(name: str, **settings: object) -> nn.Module:
    """Build a loss by name; settings that are None are left at their defaults.

    Args:
        name: a key of `LOSSES`.
        settings: what the loss's constructor takes. Where that is a sorter, ``sorter`` may be a key of `SORTERS`, and
            settings of that sorter may be among these.

    Raises:
        ValueError, TypeError: for an unknown name, or a setting that the loss or its sorter does not have or refuses.
    """
    own = LOSSES.settings(name)
    if "sorter" in own and isinstance(settings.get("sorter"), str | None):
        of_sorter = {key: settings.pop(key) for key in list(settings) if key not in own}
        settings["sorter"] = make_sorter(str(settings.get("sorter") or DEFAULT_SORTER), **of_sorter)
    return LOSSES.make(name, **settings)


def loss_settings(name: str) -> dict[str, Setting]:
    """All that `make_loss` takes for a loss: its own settings and, where it has a sorter, those of every sorter."""
    settings = LOSSES.settings(name)
    for sorter in SORTERS if "sorter" in settings else ():
        settings = {**SORTERS.settings(sorter), **settings}
    return settings
