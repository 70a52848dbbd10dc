"""The picture of a comparison: runs side by side, while they learn and at the end, drawn from records alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from matplotlib.figure import Figure

from ..statistics import standard_error
from . import style
from .intervals import bar
from .plane import Plane, Scale, around, between, legend, minus, percent
from .quantities import accuracy_name
from .sheet import Sheet
from .style import Look

WIDTH, HEIGHT, FINE = 960, 450, 2.0
TOP, TALL = 54, 316
Record = Mapping[str, Any]


@style.locked
def comparison_figure(records: Mapping[str, Record], theme: str = "light") -> tuple[Figure, str]:
    """Learning curves of top-1 and top-5, and final accuracies; the best possible in both where it is known.

    Args:
        records: up to four records of runs on the same data, contents of result.json, by name ("ce" and "topk" are
            spelled out).
        theme: "light" or "dark".

    Returns:
        The figure, 1920 x 900 pixels, and a caption with the final accuracies.

    Raises:
        ValueError: there are no records.
    """
    if not records:
        raise ValueError("records must hold at least one run, got none")
    looks = style.looks(theme, records)
    named = {looks[name].name: record for name, record in records.items()}
    best = next(iter(named.values()))["data"].get("best_possible", {})
    sheet = Sheet(WIDTH, HEIGHT, theme, FINE)
    lines = list(looks.values())
    _draw_curves(sheet, named, lines, best)
    _draw_finals(sheet, named, lines, best)
    limit = [Look("best possible", sheet.colors.muted, (0, (1, 2)))] if best else []
    legend(sheet, 50, HEIGHT - 18, [*lines, *limit])
    accuracies = {name: record["final"] for name, record in named.items()} | ({"best possible": best} if best else {})
    listed = (
        f"{name}: " + ", ".join(f"{accuracy_name(k)} {value:.1%}" for k, value in final.items()) + "."
        for name, final in accuracies.items()
    )
    return sheet.figure(), "Accuracy on the test images after the last epoch. " + " ".join(listed)


def _draw_curves(sheet: Sheet, named: Mapping[str, Record], looks: list[Look], best: Mapping[str, float]) -> None:
    first, muted = next(iter(named.values())), sheet.colors.muted
    ks = [k for k in ("top1", "top5") if k in first["final"]]
    values = {(k, name): [row[k] for row in record["epochs"]] for k in ks for name, record in named.items()}
    limits = {k: best[k] for k in ks if k in best}
    last = max(map(len, values.values()))
    across, up = between(0.8, last + 0.2, True, most=8), around(chain(limits.values(), *values.values()), percent)
    title = f"While learning ({first['epochs_are_on']})"
    plane = Plane(sheet, 50, TOP, 300, TALL, across, up, title, "epoch")
    ends = []
    for k in ks:
        for name, look in zip(named, looks, strict=True):
            curve = values[k, name]
            plane.draw(range(1, len(curve) + 1), curve, look)
            ends.append((len(curve), curve[-1], look._replace(name=f"{accuracy_name(k)}, {name}  {curve[-1]:.1%}")))
        if k in limits:
            plane.level(limits[k], muted, (0, (1, 2)))
            ends.append((across.high, limits[k], Look(f"{accuracy_name(k)}, best possible  {limits[k]:.1%}", muted)))
    plane.name_ends(ends)


def _draw_finals(sheet: Sheet, named: Mapping[str, Record], looks: list[Look], best: Mapping[str, float]) -> None:
    finals = [record["final"] for record in named.values()]
    ks = list(finals[0])
    images = [record["data"]["test_images"] for record in named.values()]
    errors = [{k: standard_error(f[k], count) for k in ks} for f, count in zip(finals, images, strict=True)]
    ends = [f[k] + s * e[k] for f, e in zip(finals, errors, strict=True) for k in ks for s in (-1, 1)]
    across = around([*ends, *(best[k] for k in ks if k in best)], percent)
    rows = Scale(len(ks) - 0.4, -0.9, range(len(ks)), label=lambda i: accuracy_name(ks[round(i)]).replace("-", "‑"))
    xlabel = "accuracy ± one standard error of the test sample"
    plane = Plane(sheet, 606, TOP, 250, TALL, across, rows, "After the last epoch (all test images)", xlabel)
    for row, k in enumerate(ks):
        if k in best:
            (x, _), (low, high) = plane.place([best[k]] * 2, [row + 0.3, row - 0.3])
            sheet.line((x, low), (x, high), sheet.colors.muted, 3)
        for i, (look, final, error) in enumerate(zip(looks, finals, errors, strict=True)):
            at = row + 0.22 * (i - (len(finals) - 1) / 2)
            xs, (y, _) = plane.place([final[k] - error[k], final[k] + error[k]], [at, at])
            bar(sheet, (xs[0], y), (xs[1], y), look.color, 1.5)
            plane.dots([final[k]], [at], look.color, look.marker)
    if len(finals) != 2:
        return
    x = plane.x + plane.width + 54  # second run minus first, in percentage points
    for i, words in enumerate((f"{looks[1].name} −", f"{looks[0].name},", "points")):
        sheet.note(x, TOP + 2 + 15 * i, words, "center")
    for row, k in enumerate(ks):
        _, y = plane.place(across.low, row)
        sheet.text(x, float(y), minus(f"{100 * (finals[1][k] - finals[0][k]):+.1f}"), style.LARGE)
