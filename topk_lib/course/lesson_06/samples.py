"""The samples on which losses of lesson 06 are tried."""

from __future__ import annotations

from functools import lru_cache

import torch

from ...experiments.example import LABEL, scores
from ...sorters import SoftSort, SortingNetwork

P_KS = ((0.5, 0.0, 0.0, 0.0, 0.5), (0.2, 0.2, 0.2, 0.2, 0.2), (0.1, 0.2, 0.3, 0.4))


@lru_cache(maxsize=1)
def samples() -> tuple[tuple[torch.Tensor, torch.Tensor, int, list[float]], ...]:
    """(scores, P, label, p_k): the six scores and seven random ones, every P with a row for each class."""
    seven = torch.randn(7, generator=torch.Generator().manual_seed(6))
    return tuple(
        (s, sorter.matrix(s), label, list(p_k))
        for s, label in ((scores(), LABEL), (seven, 5))
        for sorter in (SortingNetwork("odd_even"), SoftSort(0.5))
        for p_k in P_KS
    )
