"""Ways in which this library can compute the same loss: each is a context in which the loss and its gradient run.

A new one is a line here: tables, figures and guards follow.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager

from topk_lib import backend

Variant = Callable[[], AbstractContextManager]

VARIANTS: dict[str, Variant] = {"plain": lambda: backend("plain")}
"""By the name that tables and figures show; "plain" is torch alone, "compiled" what numba makes of it."""
if importlib.util.find_spec("numba"):
    VARIANTS["compiled"] = lambda: backend("compiled")

GROWTH_VARIANT = "plain"
"""The one whose growth with the number of classes is followed."""
