"""The answers to the predictions of lesson 05, computed."""

from __future__ import annotations

import torch

from ...networks import bitonic, splitter_selection, top_k_network
from ..quizzes import nearest
from .selection import cascade_ranks
from .storage import stored_numbers
from .ways import payload, whole_matrix

N, K = 100, 5


def _share_of_bitonic() -> tuple[int, dict]:
    few, many = splitter_selection(N, K), bitonic(N)
    share = few.size / many.size
    numbers = {"few": few, "many": many, "percent": 100 * share, "each": few.size / N, "least": N - 1}
    return nearest(share, (K / N, 0.3, 0.75)), numbers


def _left_of_a_thousand() -> tuple[int, dict]:
    left = sum(rank < K for rank in cascade_ranks(1000))
    return nearest(left, (500, 200, 50)), {"left": left, "percent": left / 10}


def _storage() -> tuple[int, dict]:
    scores, label = torch.zeros(1, N, requires_grad=True), torch.zeros(1, dtype=torch.long)
    few, many = (stored_numbers(way, "splitter_selection", scores, label, K)[1] for way in (payload, whole_matrix))
    size = top_k_network("splitter_selection", N, K).size
    numbers = {"size": size, "stored": [few, many], "ratio": many / few, "numbers": N + 1}
    return nearest(few / many, (1 / 50, 1 / 10, 1 / 2)), numbers


ANSWERS = {"5.a": _share_of_bitonic, "5.b": _left_of_a_thousand, "5.c": _storage}
