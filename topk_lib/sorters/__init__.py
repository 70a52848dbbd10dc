"""Relaxations of sorting and of the top k, one per file on one base. A new one is a file that registers its class."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .. import _validate
from .base import SORTERS, Relaxation, Sorter
from .network import SortingNetwork
from .neuralsort import NeuralSort
from .softsort import SoftSort

# isort: split
from .sinkhorn import SinkhornSort
from .soft_topk import SoftTopK

__all__ = [
    "SORTERS",
    "NeuralSort",
    "Relaxation",
    "SinkhornSort",
    "SoftSort",
    "SoftTopK",
    "Sorter",
    "SortingNetwork",
    "make_sorter",
    "softness_of",
    "sorter_of_steepness",
]

DEFAULT_SORTER = "splitter_selection"
"""What a loss sorts with unless it is told otherwise."""

# The imports above are in the order in which sorters are listed everywhere; every other file here comes after them.
for found in iter_modules(__path__):
    import_module(f".{found.name}", __name__)


def make_sorter(name: str, **settings: object) -> Relaxation:
    """Build a sorter by name; settings that are None are left at their defaults.

    Args:
        name: a key of `SORTERS`.
        settings: what the sorter's constructor takes, for example ``steepness=2.0`` or ``temperature=0.5``.

    Raises:
        ValueError: for an unknown name, or a setting that this sorter does not have.
    """
    return SORTERS.make(name, **settings)


def sorter_of_steepness(name: str, steepness: float, **settings: object) -> Relaxation:
    """Build a sorter by name with its softness on the one scale: steepness β, or else temperature or scale 1/β.

    Args:
        name: a key of `SORTERS`.
        steepness: β > 0, per unit of score.
        settings: others that the sorter takes.

    One that has no such setting is built without.
    """
    softness = softness_of(name)
    if softness in SORTERS.settings(name):
        settings[softness] = steepness if softness == "steepness" else 1 / steepness
    return make_sorter(name, **settings)


def softness_of(name: str) -> str:
    """The name of the setting that says how soft a sorter is."""
    built: Any = SORTERS[_validate.choice("name", name, SORTERS)]
    return getattr(built, "func", built).SOFTNESS
