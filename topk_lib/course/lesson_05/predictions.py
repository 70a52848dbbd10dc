"""The answers to the predictions of lesson 05, computed."""

from __future__ import annotations

import math

import torch

from ...networks import bitonic, splitter_selection, top_k_network
from .selection import cascade_ranks
from .storage import stored_numbers
from .ways import payload, whole_matrix

N, K = 100, 5


def _nearest(value: float, choices: tuple[float, ...]) -> int:
    """Position of the choice that is nearest by its ratio."""
    return min(range(len(choices)), key=lambda i: abs(math.log(value / choices[i])))


def _share_of_bitonic() -> tuple[int, str]:
    few, many = splitter_selection(N, K), bitonic(N)
    share = few.size / many.size
    shown = (
        f"Splitter selection takes {few.size} comparators in {few.depth} layers, {100 * share:.1f} % of the "
        f"{many.size} of bitonic. That is {few.size / N:.2f} comparators per class; to see every class only once, "
        f"{N - 1} are needed."
    )
    return _nearest(share, (K / N, 0.3, 0.75)), shown


def _left_of_a_thousand() -> tuple[int, str]:
    left = sum(rank < K for rank in cascade_ranks(1000))
    shown = f"{left} are left, {left / 10:.1f} % of them: those whose number j has at most two ones."
    return _nearest(left, (500, 200, 50)), shown


def _storage() -> tuple[int, str]:
    scores, label = torch.zeros(1, N, requires_grad=True), torch.zeros(1, dtype=torch.long)
    stored = [stored_numbers(way, "splitter_selection", scores, label, K)[1] for way in (payload, whole_matrix)]
    size = top_k_network("splitter_selection", N, K).size
    shown = (
        f"On the {size} comparators of the pruned network the payload stores {stored[0]:,} numbers, and the whole "
        f"matrix {stored[1]:,}, which is {stored[1] / stored[0]:.1f} times as many: n + 1 = {N + 1} numbers per "
        "comparator in place of 2."
    )
    return _nearest(stored[0] / stored[1], (1 / 50, 1 / 10, 1 / 2)), shown


ANSWERS = {"5.a": _share_of_bitonic, "5.b": _left_of_a_thousand, "5.c": _storage}
