"""Answers to the exercises of lesson 06 as learners get them wrong, and to its predictions as they are right."""

import math

import torch


def floored(q):
    return -math.log(float(q) * (1 - 2e-7) + 1e-7)


def sort_row(P, label, p_k):
    running = [P[label, :k].sum() for k in range(1, len(p_k) + 1)]
    return floored(sum(p * q for p, q in zip(p_k, running, strict=True)))


def sort_single(P, label, p_k):
    return floored(sum(p * P[r, label] for r, p in enumerate(p_k)))


def sort_wrong_end(P, label, p_k):
    weights = [sum(p_k[: r + 1]) for r in range(len(p_k))]
    return floored(sum(w * P[r, label] for r, w in enumerate(weights)))


def sort_one_short(P, label, p_k):
    return floored(sum(p * P[:k, label].sum() for k, p in enumerate(p_k)))


def sort_log_inside(P, label, p_k):
    return sum(p * floored(P[:k, label].sum()) for k, p in enumerate(p_k, 1))


def sort_no_log(P, label, p_k):
    return sum(p * P[:k, label].sum() for k, p in enumerate(p_k, 1))


def sort_no_minus(P, label, p_k):
    return -floored(sort_no_log(P, label, p_k))


def sort_no_floor(P, label, p_k):
    return -torch.log(sort_no_log(P, label, p_k))


def beyond_first(P, label, p_k, start=2):
    return sum(p * P[:k, label].sum() for k, p in enumerate(p_k, 1) if k >= start)


def combined(first, beyond, share, mode):
    if mode == "sm":
        return -torch.log(share * first + beyond)
    return -share * torch.log(first) - (1 - share) * torch.log(beyond)


def first_swapped(scores, P, label, p_k, mode):
    other = {"sm": "smce", "smce": "sm"}[mode]
    return combined(scores.softmax(0)[label], beyond_first(P, label, p_k), p_k[0], other)


def first_twice(scores, P, label, p_k, mode):
    return combined(scores.softmax(0)[label], beyond_first(P, label, p_k, start=1), p_k[0], mode)


def first_cut(scores, P, label, p_k, mode):
    beyond = sum(p * P[1:k, label].sum() for k, p in enumerate(p_k, 1))
    return combined(scores.softmax(0)[label], beyond, p_k[0], mode)


def first_from_P(scores, P, label, p_k, mode):
    return combined(P[0, label], beyond_first(P, label, p_k), p_k[0], mode)


def first_renormalised(scores, P, label, p_k, mode):
    beyond = beyond_first(P, label, p_k)
    return combined(scores.softmax(0)[label], beyond if mode == "sm" else beyond / sum(p_k[1:]), p_k[0], mode)


def first_no_outer_weight(scores, P, label, p_k, mode):
    first, beyond = scores.softmax(0)[label], beyond_first(P, label, p_k)
    if mode == "sm":
        return -torch.log(p_k[0] * first + beyond)
    return -p_k[0] * torch.log(first) - torch.log(beyond)


def m_best(scores, label, m):
    return scores.topk(m).indices


def m_twice(scores, label, m):
    return [label, *scores.topk(m - 1).indices.tolist()]


def others(scores, label):
    left = scores.clone()
    left[label] = -torch.inf
    return left.sort(descending=True).indices[:-1].tolist()


def m_smallest(scores, label, m):
    return [label, *others(scores, label)[::-1][: m - 1]]


def m_ascending(scores, label, m):
    return [label, *reversed(others(scores, label)[: m - 1])]


def m_in_rank(scores, label, m):
    kept = [label, *others(scores, label)[: m - 1]]
    return sorted(kept, key=lambda j: -scores[j])


def m_scores(scores, label, m):
    return scores[[label, *others(scores, label)[: m - 1]]]


def nudged(scores, j, by):
    moved = scores.clone()
    moved[j] = moved[j] + by
    return moved


def differences_one_step(loss, scores, step):
    n = len(scores)
    return [(loss(nudged(scores, j, step)) - loss(nudged(scores, j, -step))) / step for j in range(n)]


def differences_undivided(loss, scores, step):
    return [loss(nudged(scores, j, step)) - loss(nudged(scores, j, -step)) for j in range(len(scores))]


def differences_turned(loss, scores, step):
    n = len(scores)
    return [(loss(nudged(scores, j, -step)) - loss(nudged(scores, j, step))) / (2 * step) for j in range(n)]


def differences_one_side(loss, scores, step):
    return [(loss(nudged(scores, j, step)) - loss(scores)) / step for j in range(len(scores))]


def differences_left_in(loss, scores, step):
    up, down, gradient = scores.clone(), scores.clone(), []
    for j in range(len(scores)):
        up[j] += step
        down[j] -= step
        gradient.append((loss(up) - loss(down)) / (2 * step))
    return gradient


WRONG = {
    "6.1": {
        "the row of the label": sort_row,
        "single ranks, not running sums": sort_single,
        "sums from the wrong end": sort_wrong_end,
        "one rank too few": sort_one_short,
        "the logarithm inside the sum": sort_log_inside,
        "the logarithm forgotten": sort_no_log,
        "the minus sign forgotten": sort_no_minus,
        "the floor forgotten": sort_no_floor,
    },
    "6.2": {
        "the two modes swapped": first_swapped,
        "the first rank counted twice": first_twice,
        "rank 1 cut from the column": first_cut,
        "P in place of softmax": first_from_P,
        "the inner weights renormalised": first_renormalised,
        "the outer weight forgotten": first_no_outer_weight,
    },
    "6.3": {
        "the label may drop out": m_best,
        "the label twice": m_twice,
        "the smallest rivals kept": m_smallest,
        "rivals in ascending order": m_ascending,
        "the label in its rank": m_in_rank,
        "scores in place of indices": m_scores,
    },
    "6.4": {
        "divided by one step": differences_one_step,
        "not divided at all": differences_undivided,
        "down minus up": differences_turned,
        "one side only": differences_one_side,
        "earlier nudges left in": differences_left_in,
    },
}

RIGHT = {"6.a": "b", "6.b": "d", "6.c": "c"}
