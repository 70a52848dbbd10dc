"""What a loss keeps when only m of n classes enter it: its value, and the push on the wrong classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from ...experiments.drawing import style

WIDTH, HEIGHT = 960, 400
MOST = 4
Point = tuple[int, float, float]


@style.locked
def kept_by_m(curves: Mapping[str, Sequence[Point]], theme: str = "light") -> tuple[Figure, str]:
    """Left the loss over m, right the share of the full gradient on wrong classes that m keeps.

    Args:
        curves: name -> (m, loss, share) at two or more m in ascending order, shares between 0 and 1; up to four. The
            first and third have one colour each, and what follows them shares it with dashes.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with both ends of every curve.

    Raises:
        ValueError: no curve or more than four, fewer than two points, or m that do not ascend.
    """
    if not 1 <= len(curves) <= MOST:
        raise ValueError(f"curves must hold 1 to {MOST} losses, got {len(curves)}")
    for name, points in curves.items():
        ms = [m for m, _, _ in points]
        if len(ms) < 2 or any(low >= high for low, high in pairwise(ms)):
            raise ValueError(f"curves[{name!r}] must hold two or more m in ascending order, got {ms}")
    figure = style.new_figure(WIDTH, HEIGHT, theme)
    left, right = figure.add_axes((0.06, 0.15, 0.31, 0.72)), figure.add_axes((0.44, 0.15, 0.31, 0.72))
    for i, (name, points) in enumerate(curves.items()):
        _draw((left, right), points, name, i, theme)
    _finish(left, curves, theme, "Value of the loss")
    _finish(right, curves, theme, "Push on wrong classes that is kept")
    left.set_ylim(bottom=0)
    right.set_ylim(0, 1.03)
    right.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    style.legend(right, theme, beside=True)
    return figure, "; ".join(_describe(name, points) for name, points in curves.items()) + "."


def _draw(both: tuple[Axes, Axes], points: Sequence[Point], name: str, i: int, theme: str) -> None:
    look = {
        "color": style.theme_colors(theme).series[i // 2],
        "linestyle": style.DASHES[i],
        "marker": style.MARKERS[i],
        "linewidth": style.points(2.5),
        "markersize": style.points(8),
    }
    ms, losses, shares = zip(*points, strict=True)
    for axes, values in zip(both, (losses, shares), strict=True):
        axes.plot(ms, values, label=name, clip_on=False, **look)


def _finish(axes: Axes, curves: Mapping[str, Sequence[Point]], theme: str, title: str) -> None:
    ms = sorted({m for points in curves.values() for m, _, _ in points})
    axes.set_xscale("log")
    axes.set_xticks(_apart(ms), [f"{m:,}" for m in _apart(ms)])
    axes.xaxis.set_minor_locator(NullLocator())
    style.dress(axes, theme, "m, classes kept (log scale)", title=title)


def _apart(ms: Sequence[int]) -> list[int]:
    """Those of the m that lie far enough from the next labelled one, the last among them."""
    shown = [ms[-1]]
    for m in reversed(ms):
        if shown[-1] / m >= (ms[-1] / ms[0]) ** 0.12:
            shown.append(m)
    return shown[::-1]


def _describe(name: str, points: Sequence[Point]) -> str:
    (few, low, share), (all_, high, _) = points[0], points[-1]
    middle = next(((m, s) for m, _, s in points if s >= 0.9), None)
    enough = "" if middle is None or middle[0] == all_ else f", and at least 90 % from m = {middle[0]:,} on"
    return (
        f"{name}: the loss is {low:.2f} at m = {few:,} and {high:.2f} at m = {all_:,}; m = {few:,} keeps {share:.1%} "
        f"of the push{enough}"
    )
