"""The mathematics of the lessons in its plainest form: one sample at a time, a formula per line, no fast paths.

Nothing here calls the library, so the two can be printed side by side. Several of these functions are the worked
solutions of exercises; `topk_lib.course.solution` shows their source as it stands here.
"""

from __future__ import annotations

import math

import torch

from ..experiments.statistics import t_quantile


def hard_topk_hit(scores: torch.Tensor, label: int, k: int) -> bool:
    """Whether the label is among the k largest of the scores, a tensor of shape (n,)."""
    larger = (scores > scores[label]).sum()
    return bool(larger < k)


def soft_sort_matrix(scores: torch.Tensor, temperature: float) -> torch.Tensor:
    """SoftSort's P, shape (n, n), for scores of shape (n,): rows are ranks, best first; columns are classes."""
    ranked = scores.sort(descending=True).values
    distances = (ranked[:, None] - scores[None, :]).abs()
    return torch.softmax(-distances / temperature, dim=1)


def neural_sort_matrix(scores: torch.Tensor, temperature: float) -> torch.Tensor:
    """NeuralSort's P, shape (n, n), for scores of shape (n,): rows are ranks, best first; columns are classes."""
    n = len(scores)
    rank = torch.arange(1, n + 1)
    sums = (scores[:, None] - scores[None, :]).abs().sum(dim=0)
    logits = (n + 1 - 2 * rank)[:, None] * scores[None, :] - sums[None, :]
    return torch.softmax(logits / temperature, dim=1)


def sinkhorn_matrix(scores: torch.Tensor, temperature: float, iterations: int = 1000) -> torch.Tensor:
    """SinkhornSort's P, shape (n, n): rows and columns of exp(b_r·s_j / temperature) are scaled in turn.

    The places b_r = (n+1)/2 - r, r = 1 … n, are one apart and best first.
    """
    n = len(scores)
    places = (n + 1) / 2 - torch.arange(1, n + 1)
    P = torch.exp(places[:, None] * (scores - scores.mean())[None, :] / temperature)
    for _ in range(iterations):
        P = P / P.sum(dim=1, keepdim=True)
        P = P / P.sum(dim=0, keepdim=True)
    return P


def is_doubly_stochastic(P: torch.Tensor, tol: float = 1e-3) -> bool:
    """Whether no entry of P is negative and every row sum and every column sum is within tol of 1."""
    rows_fit = (P.sum(dim=1) - 1).abs().max() <= tol
    columns_fit = (P.sum(dim=0) - 1).abs().max() <= tol
    return bool(rows_fit and columns_fit and P.min() >= 0)


def find_temperature(probability, goal: float) -> float:
    """The temperature at which probability(temperature), a falling function, equals goal."""
    low, high = 1e-3, 1e3
    for _ in range(50):
        middle = math.sqrt(low * high)
        if probability(middle) > goal:
            low = middle
        else:
            high = middle
    return middle


def probability_in_top_K(P: torch.Tensor, label: int, p_k: list[float]) -> float:
    """The probability that the label is among the top K when K is drawn from P_K, with p_k[0] = P_K(1) and so on."""
    total = 0.0
    for k, probability in enumerate(p_k, start=1):
        total += probability * P[:k, label].sum().item()
    return total


def topk_loss(
    scores: torch.Tensor, label: int, P: torch.Tensor, p_k: list[float], top1_mode: str = "sm", eps: float = 1e-7
) -> float:
    """The top-k cross-entropy of one sample: scores (n,), the label's index, P (k or more, n) and P_K.

    Written after "Differentiable Top-k Classification Learning" (ICML 2022); the three modes are those
    of `topk_lib.TopKCrossEntropyLoss`.
    """

    def g(q: float) -> float:
        return -math.log(q * (1 - 2 * eps) + eps)

    softmax = torch.softmax(scores, dim=0)[label].item()
    beyond_first = probability_in_top_K(P, label, [0.0, *p_k[1:]])
    if top1_mode == "sort":
        return g(probability_in_top_K(P, label, p_k))
    if top1_mode == "sm":
        return g(p_k[0] * softmax + beyond_first)
    if top1_mode == "smce":
        return p_k[0] * -math.log(softmax) + (1 - p_k[0]) * g(beyond_first)
    raise ValueError(f"top1_mode must be one of 'sm', 'smce', 'sort', got {top1_mode!r}")


def accuracy_at_k(logits: torch.Tensor, target: torch.Tensor, k: int) -> float:
    """Top-k accuracy as a fraction, for logits (N, n) and labels (N,); of equal scores the lower index is first."""
    hits = 0
    for scores, label in zip(logits, target.tolist(), strict=True):
        larger = (scores > scores[label]).sum()
        equal_and_before = (scores[:label] == scores[label]).sum()
        hits += int(larger + equal_and_before < k)
    return hits / len(target)


def paired_difference(a: list[float], b: list[float]) -> tuple[float, float, float]:
    """Mean of a - b over paired runs, and the lower and upper end of its 95 % confidence interval."""
    differences = torch.tensor(a, dtype=torch.double) - torch.tensor(b, dtype=torch.double)
    mean = differences.mean().item()
    standard_error = differences.std().item() / math.sqrt(len(a))
    half_width = t_quantile(len(a) - 1) * standard_error
    return mean, mean - half_width, mean + half_width


def best_possible_accuracy(posterior: torch.Tensor, k: int) -> float:
    """The highest top-k accuracy to be expected, given each image's class probabilities: posterior (N, n)."""
    largest = posterior.sort(dim=1, descending=True).values[:, :k]
    return largest.sum(dim=1).mean().item()
