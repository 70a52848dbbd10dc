"""An entry of the glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word of the course.

    Attributes:
        name: as lessons write it.
        meaning: one sentence.
        also: other names for the same thing.
        lesson: the lesson that introduces it; filled in by the glossary.
    """

    name: str
    meaning: str
    also: tuple[str, ...] = ()
    lesson: int = -1

    def __str__(self) -> str:
        also = f" (also: {', '.join(self.also)})" if self.also else ""
        return f"{self.name}{also}: {self.meaning} Introduced in lesson {self.lesson:02d}."
