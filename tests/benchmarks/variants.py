"""Ways in which this library can compute the same loss: each is a context in which the loss and its gradient run.

A new one is a line here, `"compiled": lambda: backend("compiled")` for example: tables, figures and guards follow.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Variant = Callable[[], AbstractContextManager]

VARIANTS: dict[str, Variant] = {"plain": nullcontext}
"""By the name that tables and figures show; "plain" is torch alone."""

GROWTH_VARIANT = "plain"
"""The one whose growth with the number of classes is followed."""
