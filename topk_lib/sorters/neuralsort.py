"""NeuralSort (Grover et al., "Stochastic Optimization of Sorting Networks via Continuous Relaxations", ICLR 2019)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .base import SoftmaxSorter

NEGLIGIBLE = 60.0
"""A logit lower than the best one by this counts as lower by just this: exp(-60) is lost in any sum of floats, and what
is too small for their normal range takes a processor many times as long."""


class NeuralSort(SoftmaxSorter):
    """Row i (1-based, best first) is softmax_j(((n+1-2i)·s_j - Σ_l |s_j - s_l|) / τ), as the paper defines it.

    The sums over l cost O(n log n) by sorting, and only the k rows asked for are built: O(k·n) time and memory.
    Permuting the classes permutes the columns. Columns sum to 1 only in the limit of τ → 0.

    Args:
        temperature: τ > 0, in units of score; larger is softer.
    """

    def _row_logits(self, scores: Tensor, k: int) -> Tensor:
        n = scores.shape[1]
        weights = n - 1 - 2 * torch.arange(k, device=scores.device, dtype=scores.dtype)
        sums = absolute_difference_sums(scores)
        return (weights.unsqueeze(1) * scores.unsqueeze(1) - sums.unsqueeze(1)) / self.temperature

    def _log_normalizer(self, logits: Tensor) -> Tensor:
        floor = logits.detach().amax(2, keepdim=True) - NEGLIGIBLE
        return torch.maximum(logits, floor).logsumexp(2)


def absolute_difference_sums(scores: Tensor) -> Tensor:
    """Σ_l |s_j - s_l| for every j, in O(n log n).

    Below s_j lie ``left`` scores, above it n - ``right``, so the sum is s_j·(left + right - n) minus the total of
    the scores below plus the total of those above, both read off the cumulative sum of the sorted scores. Equal
    scores fall outside both counts: their term has gradient zero, as |0| should.

    Args:
        scores: shape (B, n).

    Returns:
        Shape (B, n).
    """
    n = scores.shape[1]
    centred = scores - scores.detach().mean(1, keepdim=True)  # keeps the running totals small
    ascending, order = centred.sort(dim=1)
    totals = F.pad(ascending.cumsum(1), (1, 0))
    fixed = ascending.detach().contiguous()
    left = torch.searchsorted(fixed, fixed)
    right = torch.searchsorted(fixed, fixed, right=True)
    below, above = totals.gather(1, left), ascending.sum(1, keepdim=True) - totals.gather(1, right)
    return torch.zeros_like(scores).scatter(1, order, ascending * (left + right - n) - below + above)
