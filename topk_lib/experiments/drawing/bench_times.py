"""How long one step of the loss takes: this library, its peers and the floor, a line per case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from . import style
from .plane import Scale, legend
from .quantities import duration, times
from .sheet import Sheet
from .style import Look

WIDTH, TOP, LINE, HEADING, FOOT = 960, 96, 28, 36, 78
NAMES, LEFT, RIGHT, OWN, COLUMNS = 24, 200, 660, 728, (820, 906)
PEERS, FLOOR = ("difftopk", "diffsort"), "cross-entropy"
TICKS = {1e-5: "10 µs", 1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s", 1.0: "1 s", 10.0: "10 s"}


@style.locked
def bench_times(record: Mapping[str, Any], theme: str = "light") -> tuple[Figure, str]:
    """Seconds of one forward and backward pass on a log axis, and how many times as long the peers take.

    The ratios stand right of the marks. Where this library has several variants, they are those to its fastest.

    Args:
        record: what `make bench` wrote.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with every ratio.

    Raises:
        ValueError: the record has no rows.
    """
    rows: Sequence[Mapping] = record["rows"]
    if not rows:
        raise ValueError("record must hold at least one row")
    sizes = list(dict.fromkeys(map(_size, rows)))
    bottom = TOP + HEADING * len(sizes) + LINE * len(rows)
    sheet, looks = Sheet(WIDTH, bottom + FOOT, theme), _looks(theme, record["variants"])
    shown = [seconds for row in rows for name, seconds in row["seconds"].items() if name in looks]
    low, high = min(shown) / 1.3, max(shown) * 1.3
    scale = Scale(low, high, [tick for tick in TICKS if low <= tick <= high], log=True, label=TICKS.__getitem__)
    ticks = {value: _across(scale, value) for value in scale.ticks}
    sheet.text(NAMES, 26, "One step of the top-k loss, forward and backward", style.LARGE, align="left", bold=True)
    sheet.note(sum(COLUMNS) / 2, TOP - 46, "times as long as this library", "center")
    for x, name in zip((OWN, *COLUMNS), ("this library", *PEERS), strict=True):
        sheet.text(x, TOP - 22, name, style.NORMAL, bold=True)
    for value, x in ticks.items():
        for y in (TOP - 22, bottom + 20):
            sheet.text(x, y, scale.label(value), style.SMALL)
    y = TOP
    for size in sizes:
        sheet.text(NAMES, y + HEADING / 2 + 5, size, style.NORMAL, align="left", bold=True)
        y += HEADING
        members = [row for row in rows if _size(row) == size]
        for x in ticks.values():
            sheet.line((x, y), (x, y + LINE * len(members)), width=0.7)
        for row in members:
            _draw(sheet, y + LINE / 2, row, scale, looks)
            y += LINE
    legend(sheet, NAMES, bottom + FOOT - 22, looks.values(), line=False)
    machine, versions = record["machine"], record["versions"]
    software = ", ".join(f"{name} {versions[name]}" for name in ("torch", *PEERS) if name in versions)
    return sheet.figure(), (
        f"Milliseconds of this library, and how many times as long others take. {' '.join(map(_sentence, rows))} "
        f"Medians of interleaved rounds, {machine['threads']} threads of {machine['processor']}, {software}."
    )


def fastest(row: Mapping) -> str:
    """The variant of this library that is fastest in a row."""
    return min(row["ratios"], key=lambda name: row["seconds"][name])


def _size(row: Mapping) -> str:
    kept = f", m = {row['m']}" if row["m"] else ""
    return f"{row['batch']} samples, {row['classes']:,} classes{kept}"


def _looks(theme: str, variants: Sequence[str]) -> dict[str, Look]:
    """By contestant its look."""
    series = style.theme_colors(theme).series
    own = ["this library"] if len(variants) == 1 else [f"this library, {name}" for name in variants]
    marks = zip(variants, own, (5, 3, 4), strict=False)
    return {
        **{variant: Look(name, series[i], "-", style.MARKERS[i]) for variant, name, i in marks},
        **{name: Look(name, series[i], "-", style.MARKERS[i]) for i, name in enumerate(PEERS, 1)},
        FLOOR: style.look(theme, "ce"),
    }


def _draw(sheet: Sheet, y: float, row: Mapping, scale: Scale, looks: Mapping[str, Look]) -> None:
    sheet.text(NAMES + 12, y, style.in_words(row["sorter"]), style.NORMAL, align="left")
    seconds = {name: row["seconds"][name] for name in looks if name in row["seconds"]}
    own = fastest(row)
    for name in PEERS:
        if name in seconds:
            ends = (_across(scale, seconds[own]), y), (_across(scale, seconds[name]), y)
            sheet.line(*ends, sheet.colors.muted, 1.5)
    places = [_across(scale, seconds[name]) for name in PEERS if name in seconds]
    hidden = len(places) == 2 and abs(places[0] - places[1]) <= 13  # one of the peers' marks behind the other
    aside = dict(zip(PEERS, (-5.0, 5.0), strict=True)) if hidden else {}
    for name, value in reversed(seconds.items()):
        sheet.dots([_across(scale, value)], y + aside.get(name, 0), looks[name].color, looks[name].marker, 12)
    sheet.text(OWN, y, duration(seconds[own]), style.LARGE)
    for x, name in zip(COLUMNS, PEERS, strict=True):
        if name in row["ratios"][own] and name not in row["left_out"]:
            sheet.text(x, y, times(row["ratios"][own][name]), style.LARGE)
        else:
            sheet.note(x, y, "out of reach" if name in row["left_out"] else "–", "center")


def _across(scale: Scale, value: float) -> float:
    return LEFT + (RIGHT - LEFT) * float(scale.fraction(value))


def _sentence(row: Mapping) -> str:
    own = fastest(row)
    parts = [f"{name} {times(ratio)}" for name, ratio in row["ratios"][own].items() if name in (*PEERS, FLOOR)]
    parts += [f"{name} out of reach" for name in row["left_out"]]
    return f"{style.in_words(row['sorter'])}, {_size(row)}: {1000 * row['seconds'][own]:.3g}; {', '.join(parts)}."
