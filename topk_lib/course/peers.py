"""Losses of others for the same aim, in their plainest form: one sample, a formula per line.

Both take scores of shape (n,), the label's index and k, and return a scalar tensor that can be differentiated.
"""

from __future__ import annotations

from itertools import combinations

import torch


def truncated_topk_entropy(scores: torch.Tensor, label: int, k: int) -> torch.Tensor:
    """Cross-entropy that forgives the k-1 largest rivals: only the others are compared with the label.

    Source: Lapin, Hein, Schiele, "Loss Functions for Top-k Error: Analysis and Insights" (CVPR 2016).
    """
    rivals = torch.cat([scores[:label], scores[label + 1 :]])
    counted = rivals.sort(descending=True).values[k - 1 :]
    return torch.log(1 + torch.exp(counted - scores[label]).sum())


def smooth_topk_svm(scores: torch.Tensor, label: int, k: int, temperature: float = 1.0) -> torch.Tensor:
    """A soft maximum over all sets of k classes, minus the same over those that hold the label; the margin is 1.

    Source: Berrada, Zisserman, Kumar, "Smooth Loss Functions for Deep Top-k Classification" (ICLR 2018). The authors
    evaluate the sums by elementary symmetric polynomials; here every set is written out.
    """
    rivals = torch.cat([scores[:label], scores[label + 1 :]])
    without = torch.stack([1 + sum(chosen) / k for chosen in combinations(rivals, k)])
    holding = torch.stack([(scores[label] + sum(chosen)) / k for chosen in combinations(rivals, k - 1)])
    every = torch.cat([without, holding])
    return temperature * (torch.logsumexp(every / temperature, 0) - torch.logsumexp(holding / temperature, 0))
