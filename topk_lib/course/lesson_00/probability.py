"""Exercise 0.2: the one number inside the loss."""

from __future__ import annotations

import torch

from ...experiments.example import LABEL, scores
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, Instead, agrees, difference, gives, holds

FIRST, FIFTH, MIXED = [1.0], [0.0, 0.0, 0.0, 0.0, 1.0], [0.5, 0.0, 0.0, 0.0, 0.5]
P_KS = (FIRST, FIFTH, MIXED, [0.1, 0.2, 0.3, 0.4], [0.2] * 5)
HARD = torch.eye(6)[scores().argsort(descending=True)]
SOFT, OTHER = naive.soft_sort_matrix(scores(), 1.0), naive.neural_sort_matrix(scores(), 0.5)
CERTAIN = [(HARD, LABEL, [0.0] * (k - 1) + [1.0]) for k in range(1, 7)]
CASES = [(P, label, p_k) for P in (SOFT, OTHER) for label in range(6) for p_k in P_KS]


def _sums_to_mean_k(attempt: Attempt) -> str | None:
    for p_k in P_KS:
        total = sum(attempt.number(SOFT, label, p_k) for label in range(6))
        mean = sum(k * probability for k, probability in enumerate(p_k, start=1))
        if difference(total, mean, 1e-3):
            return f"with P_K = {p_k} the probabilities of the six classes sum to {total:.3f}, expected {mean:.3f}"
    return None


CHECKS = Checks(
    reference=naive.probability_in_top_K,
    cases=CASES,
    case="class {label}, P_K = {p_k}",
    properties={
        "with a hard P the probability of dog is 0 for K = 1 and 2, and 1 from K = 3 on": agrees(
            CERTAIN, case="P_K = {p_k}"
        ),
        "for P_K = [1] it is P[0, label]": gives(SOFT[0, LABEL], SOFT, LABEL, FIRST),
        "for P_K = [.5, 0, 0, 0, .5] it lies half-way between K = 1 and K = 5": holds(
            lambda first, fifth, mixed: not difference(mixed, (first + fifth) / 2),
            "{:.3f} for K = 1, {:.3f} for K = 5, and {:.3f} for one or the other",
            *[(SOFT, LABEL, p_k) for p_k in (FIRST, FIFTH, MIXED)],
        ),
        "over all classes it sums to the mean of K": _sums_to_mean_k,
        "every class of two soft matrices gets its probability under five P_K": agrees(CASES),
    },
    mistakes={
        "P transposed": Instead("P[:k, label]", "P[label, :k]"),
        "ranks run worst-first": Instead("P[:k, label]", "P.flip(0)[:k, label]"),
        "rank k alone": Instead("P[:k, label]", "P[k - 1, label]"),
        "cumulative the wrong way": Instead("P[:k, label]", "P[k - 1 : len(p_k), label]"),
    },
)
