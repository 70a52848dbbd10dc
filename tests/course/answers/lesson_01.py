"""Answers to the exercises of lesson 01 as learners get them wrong, and to its predictions as they are right."""

from itertools import accumulate

import numpy as np


def weights_wrong_way(p_k):
    return list(accumulate(p_k))


def weights_best_last(p_k):
    return list(accumulate(p_k[::-1]))


def weights_p_k(p_k):
    return p_k


def weights_too_late(p_k):
    return [sum(p_k[r:]) for r in range(1, len(p_k) + 1)]


def weights_normalised(p_k):
    weights = np.cumsum(p_k[::-1])[::-1]
    return weights / weights.sum()


def p_k_last_forgotten(weights):
    return [weights[r] - weights[r + 1] for r in range(len(weights) - 1)]


def p_k_other_way(weights):
    return np.diff([*weights, 0])


def p_k_too_late(weights):
    p_k, before = [], 1
    for weight in weights:
        p_k.append(before - weight)
        before = weight
    return p_k


def p_k_normalised(weights):
    return [weight / sum(weights) for weight in weights]


def p_k_added_up(weights):
    return [sum(weights[r:]) for r in range(len(weights))]


def accuracy_rank_k_alone(ranks, p_k):
    return sum(p * ranks.count(k) for k, p in enumerate(p_k, 1)) / len(ranks)


def accuracy_wrong_way(ranks, p_k):
    weights = list(accumulate(p_k)) + [0] * max(ranks)
    return np.mean([weights[rank - 1] for rank in ranks])


def accuracy_too_few(ranks, p_k):
    hits = [sum(rank < k for rank in ranks) for k in range(1, len(p_k) + 1)]
    return np.dot(hits, p_k) / len(ranks)


def accuracy_sum(ranks, p_k):
    return sum(sum(p_k[rank - 1 :]) for rank in ranks)


def accuracy_beyond(ranks, p_k):
    weights = [sum(p_k[r:]) for r in range(len(p_k))]
    return sum(weights[min(rank, len(p_k)) - 1] for rank in ranks) / len(ranks)


WRONG = {
    "1.1": {
        "cumulative the wrong way": weights_wrong_way,
        "best rank last": weights_best_last,
        "P_K itself": weights_p_k,
        "one rank too late": weights_too_late,
        "made to sum to 1": weights_normalised,
    },
    "1.2": {
        "the last rank forgotten": p_k_last_forgotten,
        "differences the other way round": p_k_other_way,
        "one rank too late": p_k_too_late,
        "weights divided by their sum": p_k_normalised,
        "added up instead": p_k_added_up,
    },
    "1.3": {
        "rank k alone": accuracy_rank_k_alone,
        "cumulative the wrong way": accuracy_wrong_way,
        "one rank too few": accuracy_too_few,
        "the sum for the mean": accuracy_sum,
        "ranks beyond the end counted": accuracy_beyond,
    },
}

RIGHT = {"1.a": "a", "1.b": "c", "1.c": "b"}
