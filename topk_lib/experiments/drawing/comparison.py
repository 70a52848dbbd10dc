"""The picture of a comparison, drawn from records alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ..commands.compare import LOSS_NAMES, Record, standard_error

# Okabe and Ito's colours differ for colour-blind eyes too; markers and lines say the same once more.
STYLES = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#009E73", "marker": "^", "linestyle": "-."},
    {"color": "#CC79A7", "marker": "D", "linestyle": ":"},
)
INK, GREY, FAINT = "#262626", "#595959", "#E3E3E3"
LARGE, SMALL = 17, 14


def comparison_figure(records: Mapping[str, Record]) -> tuple[Figure, str]:
    """Learning curves of top-1 and top-5, and final accuracies; the best possible in both where it is known.

    Args:
        records: up to four records of runs on the same data, by name.

    Returns:
        The figure, 1920 x 900 pixels, and a caption that says its numbers.
    """
    named = {LOSS_NAMES.get(name, name): record for name, record in records.items()}
    figure = Figure(figsize=(16, 7.5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.2, h_pad=0.2, wspace=0.06)
    left, right = figure.subplots(1, 2)
    _draw_curves(left, named)
    _draw_finals(right, named)
    return figure, _caption(named)


def _draw_curves(axes: Axes, named: Mapping[str, Record]) -> None:
    first = next(iter(named.values()))
    last = max(len(record["epochs"]) for record in named.values())
    labels = []
    for k in (k for k in ("top1", "top5") if k in first["final"]):
        for style, (name, record) in zip(STYLES, named.items(), strict=False):
            values = [row[k] for row in record["epochs"]]
            axes.plot(range(1, len(values) + 1), values, lw=2.5, ms=8, **style)
            labels.append((values[-1], f"{_title(k)}, {name}", style["color"]))
        if best := _best(named).get(k):
            axes.axhline(best, color=GREY, lw=1.5, dashes=(1, 2))
            labels.append((best, f"{_title(k)}, best possible", GREY))
    axes.set_xlim(0.8, last + 0.2)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label_ends(axes, labels)
    _finish(axes, f"While learning ({first['epochs_are_on']})", "epoch")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", color=FAINT)


def _label_ends(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write each (value, text, colour) beside the right edge, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    at = _spread([value for value, _, _ in labels], gap=0.045 * (high - low))
    for (value, text, color), y in zip(labels, at, strict=True):
        axes.annotate(
            f"{text}  {value:.1%}",
            (1, value),
            (1.03, y),
            xycoords=("axes fraction", "data"),
            textcoords=("axes fraction", "data"),
            color=color,
            fontsize=SMALL,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "lw": 0.8, "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 1},
        )


def _spread(values: Sequence[float], gap: float) -> list[float]:
    """The values, moved as little as it takes to lie at least ``gap`` apart, in the same order."""
    order = sorted(range(len(values)), key=values.__getitem__)
    groups: list[list[int]] = []
    for i in order:
        groups.append([i])
        while len(groups) > 1 and _bottom(groups[-1], values, gap) < _top(groups[-2], values, gap) + gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = list(values)
    for group in groups:
        for position, i in enumerate(group):
            moved[i] = _bottom(group, values, gap) + position * gap
    return moved


def _bottom(group: Sequence[int], values: Sequence[float], gap: float) -> float:
    return sum(values[i] for i in group) / len(group) - gap * (len(group) - 1) / 2


def _top(group: Sequence[int], values: Sequence[float], gap: float) -> float:
    return _bottom(group, values, gap) + gap * (len(group) - 1)


def _draw_finals(axes: Axes, named: Mapping[str, Record]) -> None:
    first = next(iter(named.values()))
    ks, best = list(first["final"]), _best(named)
    for row, k in enumerate(ks):
        if k in best:
            label = "best possible" if row == 0 else None
            axes.plot([best[k]] * 2, [row - 0.3, row + 0.3], color=GREY, lw=4, label=label)
    for i, (style, (name, record)) in enumerate(zip(STYLES, named.items(), strict=False)):
        places = [row + 0.22 * (i - (len(named) - 1) / 2) for row in range(len(ks))]
        values = [record["final"][k] for k in ks]
        errors = [standard_error(value, record["data"]["test_images"]) for value in values]
        look = {"color": style["color"], "marker": style["marker"], "label": name}
        axes.errorbar(values, places, xerr=errors, ls="", ms=10, elinewidth=2, capsize=5, **look)
    axes.set_yticks(range(len(ks)), [_title(k) for k in ks])
    axes.set_ylim(len(ks) - 0.4, -0.6)
    _finish(axes, "After the last epoch (all test images)", "accuracy ± one standard error of the test sample")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="x", color=FAINT)
    axes.legend(fontsize=SMALL, frameon=False, loc="lower left", borderaxespad=0)
    if len(named) == 2:
        _write_differences(axes, named)


def _write_differences(axes: Axes, named: Mapping[str, Record]) -> None:
    """Second run minus first, in percentage points, in a column right of the axes."""
    (name, first), (other, second) = ((name, record["final"]) for name, record in named.items())
    look = {"xycoords": ("axes fraction", "data"), "va": "center", "ha": "center", "color": INK}
    axes.annotate(f"{other} −\n{name},\npoints", (1.14, -0.62), fontsize=SMALL, annotation_clip=False, **look)
    for row, k in enumerate(first):
        points = f"{100 * (second[k] - first[k]):+.1f}".replace("-", "−")
        axes.annotate(points, (1.14, row), fontsize=LARGE, annotation_clip=False, **look)


def _finish(axes: Axes, title: str, xlabel: str) -> None:
    axes.set_title(title, fontsize=LARGE, loc="left", pad=14)
    axes.set_xlabel(xlabel, fontsize=SMALL)
    axes.tick_params(labelsize=SMALL, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _title(k: str) -> str:
    return k.replace("top", "top-")


def _best(named: Mapping[str, Record]) -> dict[str, float]:
    return next(iter(named.values()))["data"].get("best_possible", {})


def _caption(named: Mapping[str, Record]) -> str:
    accuracies = {name: record["final"] for name, record in named.items()}
    if best := _best(named):
        accuracies["best possible"] = best
    listed = (
        f"{name}: " + ", ".join(f"{_title(k)} {value:.1%}" for k, value in final.items()) + "."
        for name, final in accuracies.items()
    )
    return "Accuracy on the test images after the last epoch. " + " ".join(listed)
