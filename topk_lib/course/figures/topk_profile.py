"""Top-k accuracy for every k: the whole curve of which top-1 and top-5 are two points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ...experiments.drawing import style

WIDTH, HEIGHT = 760, 380
MOST = 8


@style.locked
def topk_profile(profiles: Mapping[str, Sequence[float]], theme: str = "light") -> tuple[Figure, str]:
    """A curve per network through its top-1, top-2, … accuracy; k = 1 and k = 5 are marked by lines.

    Args:
        profiles: name -> accuracies for k = 1, 2, …, fractions that never fall; 1 to 8 networks, equally long.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with every network's top-1 and top-5 (or last) accuracy.

    Raises:
        ValueError: no network, too many, lengths that differ, or numbers that are no top-k accuracies.
    """
    if not 1 <= len(profiles) <= MOST:
        raise ValueError(f"profiles must hold 1 to {MOST} networks, got {len(profiles)}")
    lengths = {len(curve) for curve in profiles.values()}
    if len(lengths) > 1 or 0 in lengths:
        raise ValueError(f"profiles must be equally long and not empty, got lengths {sorted(lengths)}")
    for name, curve in profiles.items():
        if not all(0 <= a <= 1 for a in curve) or list(curve) != sorted(curve):
            raise ValueError(f"profiles[{name!r}] must be fractions from 0 to 1 that never fall, got {list(curve)}")
    (length,) = lengths
    figure = style.new_figure(WIDTH, HEIGHT, theme)
    axes, look = figure.add_axes((0.1, 0.16, 0.66, 0.72)), style.theme_colors(theme)
    ks, second = range(1, length + 1), min(5, length)
    for k in {1, second}:
        axes.axvline(k, color=look.muted, linewidth=style.points(1.5), linestyle=":", zorder=1)
    for i, (name, curve) in enumerate(profiles.items()):
        drawn = {"color": look.series[i], "linestyle": style.DASHES[i], "marker": style.MARKERS[i], "label": name}
        axes.plot(ks, curve, linewidth=style.points(2.5), markersize=style.points(9), **drawn)
    axes.set_xticks(ks)
    axes.set_ylim(-0.03, 1.03)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    style.dress(axes, theme, "k, the number of guesses", "top-k accuracy", "How often the label is among the best k")
    style.legend(axes, theme, beside=True)
    told = (f"{name}: top-1 {c[0]:.1%}, top-{second} {c[second - 1]:.1%}" for name, c in profiles.items())
    return figure, "; ".join(told) + "."
