"""NeuralSort (Grover et al., "Stochastic Optimization of Sorting Networks via Continuous Relaxations", ICLR 2019)."""

from __future__ import annotations

from torch import Tensor

from .base import SORTERS, SoftmaxSorter
from .rank_logits import by_class, rank_logits

NEGLIGIBLE = 60.0
"""A logit lower than the best one by this counts as lower by just this: exp(-60) is lost in any sum of floats, and what
is too small for their normal range takes a processor many times as long."""


@SORTERS.register("neuralsort", "NeuralSort")
class NeuralSort(SoftmaxSorter):
    """Row i (1-based, best first) is softmax_j(((n+1-2i)·s_j - Σ_l |s_j - s_l|) / τ), as the paper defines it.

    It is computed as a sum of gaps outward from rank i, which keeps its digits (`topk_lib.sorters.rank_logits`), and
    only the k rows asked for are built: O(k·n) time and memory after a sort. Permuting the classes permutes the
    columns. Columns sum to 1 only in the limit of τ → 0, so that a class may be "among the top k" with more than 1.

    Args:
        temperature: τ > 0, in units of score; larger is softer. A number, or a tensor of no dimension, which gets a
            gradient.
    """

    def row_logits(self, scores: Tensor, k: int) -> Tensor:
        scores, temperature = self.softened(scores)
        return by_class(*rank_logits(scores, k, temperature))

    def column(self, scores: Tensor, target: Tensor, k: int) -> Tensor:
        scores, temperature = self.softened(scores)
        logits, place = rank_logits(scores, k, temperature)
        own = by_class(logits, place.gather(1, target.unsqueeze(1))).squeeze(2)
        return (own - logits.clamp(min=-NEGLIGIBLE).logsumexp(2)).exp()
