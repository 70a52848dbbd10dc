"""How the six distributions look in every figure: one name, colour, line style and marker each."""

from __future__ import annotations

from collections.abc import Sequence

from ... import _validate
from ...experiments.drawing import style
from ...sigmoids import SIGMOIDS

SHOWN_AS = {
    "logistic": "logistic",
    "logistic_phi": "logistic φ (ART)",
    "gaussian": "Gaussian",
    "reciprocal": "reciprocal",
    "cauchy": "Cauchy",
    "optimal": "optimal",
}
ORDER = tuple(SIGMOIDS)


def look(name: str, theme: str) -> tuple[str, object, str]:
    """Colour, dashes and marker of a distribution."""
    i = ORDER.index(name)
    return style.theme_colors(theme).series[i], style.DASHES[i], style.MARKERS[i]


def legend_entries(names: Sequence[str], theme: str, markers: bool = False) -> list[tuple[str, str, object, str]]:
    """What `plane.legend` takes, for these distributions."""
    looks = {name: look(name, theme) for name in names}
    return [(SHOWN_AS[name], color, dashes, marker * markers) for name, (color, dashes, marker) in looks.items()]


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """The names as a tuple.

    Raises:
        ValueError: there is none, or one is no key of `topk_lib.SIGMOIDS`.
    """
    if not names:
        raise ValueError("distributions must hold at least one name, got none")
    return tuple(_validate.choice("distributions", name, SIGMOIDS) for name in names)
