"""Ways in which this library can compute the same loss: each is a context in which the loss and its gradient run.

A new one is a line here: tables, figures and guards follow.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager

from topk_lib import backend

from .cases import NETWORKS

Variant = Callable[[], AbstractContextManager]

VARIANTS: dict[str, Variant] = {"plain": lambda: backend("plain")}
"""By the name that tables and figures show; "plain" is torch alone, "compiled" what numba makes of it."""
if importlib.util.find_spec("numba"):
    VARIANTS["compiled"] = lambda: backend("compiled")

GROWTH_VARIANT = "plain"
"""The one whose growth with the number of classes is followed."""


def variants_of(sorter: str) -> dict[str, Variant]:
    """Those that make a difference: only networks are ever compiled."""
    return {name: inside for name, inside in VARIANTS.items() if sorter in NETWORKS or name == "plain"}
