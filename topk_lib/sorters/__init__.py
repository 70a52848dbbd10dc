"""Relaxations of sorting, one per file on one base. A new one is a file here: a class that registers itself."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from .base import SORTERS, Sorter
from .network import SortingNetwork
from .neuralsort import NeuralSort
from .softsort import SoftSort

# isort: split
from .sinkhorn import SinkhornSort

__all__ = ["SORTERS", "NeuralSort", "SinkhornSort", "SoftSort", "Sorter", "SortingNetwork", "make_sorter"]

DEFAULT_SORTER = "splitter_selection"
"""What a loss sorts with unless it is told otherwise."""

# The imports above are in the order in which sorters are listed everywhere; every other file here comes after them.
for found in iter_modules(__path__):
    import_module(f".{found.name}", __name__)


def make_sorter(name: str, **settings: object) -> Sorter:
    """Build a sorter by name; settings that are None are left at their defaults.

    Args:
        name: a key of `SORTERS`.
        settings: what the sorter's constructor takes, for example ``steepness=2.0`` or ``temperature=0.5``.

    Raises:
        ValueError: for an unknown name, or a setting that this sorter does not have.
    """
    return SORTERS.make(name, **settings)
