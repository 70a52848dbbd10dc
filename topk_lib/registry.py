"""Names for what can be chosen: every sorter, sigmoid and loss registers itself in the file that defines it.

A registry reads as a mapping, in the order of registration: `SORTERS["softsort"](temperature=0.5)`. It also says what
a reader calls each thing and which settings each takes, so that nobody keeps a list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Generic, TypeVar

from . import _validate
from .settings import Setting, settings_of

T = TypeVar("T")
Built = TypeVar("Built")


class Registry(Mapping[str, T]):
    """Things of one kind by name.

    Args:
        kind: what the things are called in errors, such as "sorter".
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}
        self._shown: dict[str, str] = {}

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def __repr__(self) -> str:
        return f"<{self.kind} registry: {', '.join(self)}>"

    def add(self, name: str, thing: T, display_name: str) -> T:
        """Enter a thing and return it.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._things:
            raise ValueError(f"name must be new, but there is a {self.kind} {name!r} already")
        self._things[name], self._shown[name] = thing, display_name
        return thing

    def remove(self, name: str) -> None:
        """Take a thing out again, a toy for example."""
        _validate.choice("name", name, self)
        del self._things[name], self._shown[name]

    def display_name(self, name: str) -> str:
        """What readers call it: in tables, figures and menus."""
        return self._shown[_validate.choice("name", name, self)]


class Builders(Registry[Callable[..., Built]], Generic[Built]):
    """Classes by name. A class may stand under several names, each with some settings of its own."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._settings: dict[str, dict[str, Setting]] = {}

    def register(
        self, name: str, display_name: str, hidden: Collection[str] = (), **fixed: object
    ) -> Callable[[type], type]:
        """Decorator of a class that can be built by name.

        Args:
            name: by which it is asked for, on the command line too.
            display_name: what readers call it.
            hidden: arguments of its constructor that are no settings, for example deprecated ones.
            fixed: settings that the name stands for, such as ``kind="bitonic"``.
        """

        def enter(built: type) -> type:
            self.add(name, partial(built, **fixed) if fixed else built, display_name)
            left_out = {*fixed, *hidden}
            self._settings[name] = {key: value for key, value in settings_of(built).items() if key not in left_out}
            return built

        return enter

    def remove(self, name: str) -> None:
        super().remove(name)
        del self._settings[name]

    def settings(self, name: str) -> dict[str, Setting]:
        """What can be set, read from the constructor, without the settings that the name stands for."""
        return dict(self._settings[_validate.choice("name", name, self)])

    def make(self, name: str, **settings: object) -> Built:
        """Build by name; settings that are None are left at their defaults.

        Raises:
            ValueError: for an unknown name, or a setting that this one does not have.
        """
        known = self.settings(name)
        given = {key: value for key, value in settings.items() if value is not None}
        for key, value in given.items():
            if key not in known:
                takes = ", ".join(known) or "none"
                raise ValueError(f"{key} is no setting of {self.kind} {name!r}, got {value!r}; it takes {takes}")
        return self[name](**given)
