"""Relaxations of sorting, one per file on one base. A new one is a file here and a line in `SORTERS`."""

from __future__ import annotations

from collections.abc import Callable

from .. import _validate
from .base import Sorter
from .network import SortingNetwork
from .neuralsort import NeuralSort
from .sinkhorn import SinkhornSort
from .softsort import SoftSort

__all__ = ["SORTERS", "NeuralSort", "SinkhornSort", "SoftSort", "Sorter", "SortingNetwork", "make_sorter"]

SORTERS: dict[str, Callable[..., Sorter]] = {
    "odd_even": lambda **settings: SortingNetwork("odd_even", **settings),
    "bitonic": lambda **settings: SortingNetwork("bitonic", **settings),
    "splitter_selection": lambda **settings: SortingNetwork("splitter_selection", **settings),
    "neuralsort": NeuralSort,
    "softsort": SoftSort,
    "sinkhorn": SinkhornSort,
}
"""Every sorter by the name that the command line and the panels use."""


def make_sorter(name: str, **settings: float | str | None) -> Sorter:
    """Build a sorter by name; settings that are None are left at their defaults.

    Args:
        name: a key of `SORTERS`.
        settings: what the sorter's constructor takes, for example ``steepness=2.0`` or ``temperature=0.5``.

    Raises:
        ValueError: for an unknown name, or a setting that this sorter does not have.
    """
    build = SORTERS[_validate.choice("name", name, SORTERS)]
    settings = {key: value for key, value in settings.items() if value is not None}
    networks = ("odd_even", "bitonic", "splitter_selection")
    known = ("steepness", "distribution", "art_lambda") if name in networks else ("temperature",)
    if name == "sinkhorn":
        known += ("tolerance", "max_iterations")
    for key in settings:
        if key not in known:
            raise ValueError(f"{key} is no setting of sorter {name!r}; it takes {', '.join(known)}")
    return build(**settings)
