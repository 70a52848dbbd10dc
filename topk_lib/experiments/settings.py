"""Settings that carry their own help: the command line, settings files and error messages come from one place."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, field
from typing import Any, NamedTuple, Union, get_args, get_origin

RENAMED = {"held_out": "val_fraction"}
"""What settings were called in older files, records and checkpoints: the names that they have now."""


def renamed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings by the names that they have now."""
    return {RENAMED.get(name, name): value for name, value in settings.items()}


class Option(NamedTuple):
    """A setting as the command line has it.

    Attributes:
        name: in Python; with dashes on the command line.
        kind: makes a value of a word.
        several: whether it is a list of values.
        help: one line.
        metavar, choices: as argparse has them, or None.
    """

    name: str
    kind: Callable[[str], Any]
    several: bool
    help: str
    metavar: str | None = None
    choices: Collection[str] | None = None


def setting(
    default: Any = MISSING,
    help: str = "",
    metavar: str | None = None,
    choices: Collection[str] | None = None,
    low: int | None = None,
) -> Any:
    """A field of a dataclass of settings, with one line of help, and what is allowed."""
    told = {"help": help, "metavar": metavar, "choices": choices, "low": low}
    return field(default=default, metadata=told)


def kind_of(annotation: Any) -> tuple[Callable[[str], Any], bool]:
    """What makes a value of a word, and whether there are several: ``Sequence[float] | None`` gives float, True."""
    if get_origin(annotation) in (Union, types.UnionType):
        return kind_of(next(each for each in get_args(annotation) if each is not type(None)))
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return kind_of(get_args(annotation)[0])[0], True
    return (annotation if annotation in (int, float, bool, str) else str), False


def help_of(described: Any, name: str) -> str:
    """The first sentence about an argument in the docstring of a class or function, without its full stop."""
    doc = inspect.getdoc(described) or ""
    found = re.search(rf"^ +(?:\w+, )*{name}(?:, \w+)*: (.*?)(?=\n +\w+(?:, \w+)*: |\n\n|\Z)", doc, re.S | re.M)
    text = " ".join(found.group(1).split()).replace("`", "").replace("%", "%%") if found else ""
    return re.split(r"(?<=\w)[.;] ", text + " ")[0].strip().removesuffix(".")
