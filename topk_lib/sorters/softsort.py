"""SoftSort (Prillo and Eisenschlos, "SoftSort: A Continuous Relaxation for the argsort Operator", ICML 2020)."""

from __future__ import annotations

from torch import Tensor

from .base import SoftmaxSorter


class SoftSort(SoftmaxSorter):
    """Row i is softmax_j(-|s_[i] - s_j| / τ) with s_[i] the i-th largest score: the paper's with the absolute
    difference as distance.

    Its first row is softmax(s / τ). Permuting the classes permutes the columns.

    Args:
        temperature: τ > 0, in units of score; larger is softer.
    """

    def _row_logits(self, scores: Tensor, k: int) -> Tensor:
        best = scores.topk(k, dim=1).values
        return -(best.unsqueeze(2) - scores.unsqueeze(1)).abs() / self.temperature
