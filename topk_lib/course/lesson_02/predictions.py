"""The answers to the predictions of lesson 02, computed."""

from __future__ import annotations

import torch

from ...sorters import SoftSort, make_sorter
from .. import naive
from ..example import scores

SHOWN_AS = {"odd_even": "odd-even network", "sinkhorn": "Sinkhorn", "softsort": "SoftSort", "neuralsort": "NeuralSort"}


def _warmer() -> tuple[int, str]:
    cool, warm = (SoftSort(t)(scores())[0] for t in (0.1, 10.0))
    rises, falls = bool(warm.max() > cool.max() + 0.01), bool(warm.max() < cool.max() - 0.01)
    shown = (
        f"The largest entry of the first row, fox, is {cool.max().item():.3f} at temperature 0.1 and "
        f"{warm.max().item():.3f} at temperature 10; the smallest, ship, is {cool.min().item():.3f} and then "
        f"{warm.min().item():.3f}. An even row would hold {1 / len(warm):.3f} everywhere, and the sum is "
        f"{warm.sum().item():.0f} all the time."
    )
    return (0 if rises else 1 if falls else 2), shown


def _column_sums() -> tuple[int, str]:
    columns = {name: make_sorter(name)(scores()).sum(dim=0) for name in SHOWN_AS}
    exact = {name for name, sums in columns.items() if (sums - 1).abs().max() < 1e-3}
    choices = [set(SHOWN_AS), {"odd_even", "sinkhorn"}, {"softsort", "neuralsort"}, set()]
    ranges = [f"{SHOWN_AS[n]} {c.min().item():.3f} to {c.max().item():.3f}" for n, c in columns.items()]
    return choices.index(exact), f"Smallest and largest column sum at temperature or steepness 1: {'; '.join(ranges)}."


def _scaled() -> tuple[int, str]:
    wanted = naive.soft_sort_matrix(10 * scores(), 1.0)
    gaps = [(SoftSort(t)(scores()) - wanted).abs().max().item() for t in (0.1, 1.0, 10.0)]
    shown = ", ".join(f"{gap:.3f}" for gap in gaps)
    text = (
        f"Largest difference between the two matrices for the three choices: {shown}. Scores enter only after "
        "division by the temperature, so a network can learn its own temperature by scaling its scores."
    )
    return int(torch.tensor(gaps).argmin()), text


ANSWERS = {"2.a": _warmer, "2.b": _column_sums, "2.c": _scaled}
