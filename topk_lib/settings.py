"""Modules whose settings are checked whenever they are set: by the constructor, and by whoever changes them later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import nn

Checks = dict[str, Callable[[str, Any], Any]]
"""For each setting a function of its name and a value, which returns the value to keep or raises."""


class CheckedModule(nn.Module):
    """A module with settings as plain attributes. What is set holds from the next call on."""

    CHECKS: ClassVar[Checks] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        check = self.CHECKS.get(name)
        super().__setattr__(name, value if check is None else check(name, value))
