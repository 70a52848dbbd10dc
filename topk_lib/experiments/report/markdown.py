"""Numbers and tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..statistics import MeanCI

TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [_line(head), "|" + "---|" * len(head), *map(_line, rows)]
    return "\n".join(lines)


def percent(fraction: float) -> str:
    """0.815 as "81.5 %"."""
    return f"{100 * fraction:.1f} %"


def mean_percent(value: MeanCI) -> str:
    """A mean in percent with half its interval, "81.5 ± 0.3 %"."""
    return f"{value.mean:.1f} ± {value.half_width:.1f} %"


def vector(values: Sequence[float]) -> str:
    """P_K as the paper writes it: [.5, 0, 0, 0, .5]."""
    return "[" + ", ".join(f"{p:g}".removeprefix("0") or "0" for p in values) + "]"


def loss_name(config: Mapping[str, Any]) -> str:
    """ "cross-entropy", or the top-k loss with its P_K."""
    return "cross-entropy" if config["loss"] == "ce" else f"top-k loss, P_K = {vector(config['p_k'])}"


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
