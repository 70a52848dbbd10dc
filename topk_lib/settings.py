"""Settings of sorters and losses: which a constructor takes, and modules that check theirs whenever they are set."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, get_type_hints

from torch import nn

REQUIRED: Any = inspect.Parameter.empty
"""The default of a setting that has none."""


class Setting(NamedTuple):
    """One argument of a constructor.

    Attributes:
        name: of the argument.
        annotation: its type.
        default: its value if it is left out, or `REQUIRED`.
    """

    name: str
    annotation: Any
    default: Any


def settings_of(build: Callable[..., object]) -> dict[str, Setting]:
    """The settings by which a class (or function) is called, by name and in order."""
    return {each.name: each for each in _read_signature(build)}


@functools.lru_cache(maxsize=256)
def _read_signature(build: Callable[..., object]) -> tuple[Setting, ...]:
    """Read once, since a grid asks for the settings of thousands of runs."""
    hints = get_type_hints(build.__init__ if isinstance(build, type) else build)
    arguments = inspect.signature(build).parameters.items()
    return tuple(Setting(name, hints.get(name, Any), argument.default) for name, argument in arguments)


Checks = dict[str, Callable[[str, Any], Any]]
"""For each setting a function of its name and a value, which returns the value to keep or raises."""


class CheckedModule(nn.Module):
    """A module with settings as plain attributes. What is set holds from the next call on."""

    CHECKS: ClassVar[Checks] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        check = self.CHECKS.get(name)
        super().__setattr__(name, value if check is None else check(name, value))
