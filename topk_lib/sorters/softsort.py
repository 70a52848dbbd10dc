"""SoftSort (Prillo and Eisenschlos, "SoftSort: A Continuous Relaxation for the argsort Operator", ICML 2020)."""

from __future__ import annotations

import math

from torch import Tensor

from ..masks import masked
from .base import SORTERS, SoftmaxSorter


@SORTERS.register("softsort", "SoftSort")
class SoftSort(SoftmaxSorter):
    """Row i is softmax_j(-|s_[i] - s_j| / τ) with s_[i] the i-th largest score: the paper's with the absolute
    difference as distance.

    Its first row is softmax(s / τ). Permuting the classes permutes the columns. Columns need not sum to 1, so that a
    class may be "among the top k" with more than 1.

    Args:
        temperature: τ > 0, in units of score; larger is softer. A number, or a tensor of no dimension, which gets a
            gradient.
    """

    def row_logits(self, scores: Tensor, k: int) -> Tensor:
        scores, temperature = self.softened(scores)
        best = scores.topk(k, dim=1)
        mask = masked(scores)
        if mask is None:
            return -(best.values.unsqueeze(2) - scores.unsqueeze(1)).abs() / temperature
        finite = scores.masked_fill(mask, 0)
        distances = (finite.gather(1, best.indices).unsqueeze(2) - finite.unsqueeze(1)).abs()
        # a masked score is at 0 from the ranks that are left for masked ones, and infinitely far from the others
        apart = mask.gather(1, best.indices).unsqueeze(2) != mask.unsqueeze(1)
        return (-distances / temperature).masked_fill(apart, -math.inf)
