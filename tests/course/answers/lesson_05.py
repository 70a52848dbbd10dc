"""Answers to the exercises of lesson 05 as learners get them wrong, and to its predictions as they are right."""

import torch


def needed_forwards(layers, n, k):
    live, count = set(range(n)[-k:]), 0
    for layer in layers:
        for pair in layer:
            if live & set(pair):
                count, live = count + 1, live | set(pair)
    return count


def needed_no_growth(layers, n, k):
    return sum(max(pair) >= n - k for layer in layers for pair in layer)


def needed_first_lanes(layers, n, k):
    live, count = set(range(k)), 0
    for layer in reversed(layers):
        for pair in layer:
            if live.intersection(pair):
                count += 1
                live |= set(pair)
    return count


def needed_both(layers, n, k):
    return sum(min(pair) >= n - k for layer in layers for pair in layer)


def needed_low_joins(layers, n, k):
    live, count = set(range(n - k, n)), 0
    for low, high in (pair for layer in reversed(layers) for pair in layer):
        if low in live or high in live:
            count += 1
            live.add(low)
    return count


def needed_pruned(layers, n, k):
    live, pruned = set(range(n - k, n)), 0
    for low, high in (pair for layer in reversed(layers) for pair in layer):
        if low in live or high in live:
            live |= {low, high}
        else:
            pruned += 1
    return pruned


def ones(j):
    count = 0
    while j:
        count, j = count + j % 2, j // 2
    return count


def survivors_bits(q, k):
    return len([j for j in range(q) if ones(j) < k])


def survivors_k_times(q, k):
    return len([j for j in range(q) if 2 ** ones(j) <= k + 1])


def survivors_no_minus(q, k):
    return len([j for j in range(q) if not 2 ** ones(j) >= k])


def survivors_losers(q, k):
    return q - len([j for j in range(q) if 2 ** ones(j) <= k])


def survivors_from_one(q, k):
    return len([j for j in range(1, q + 1) if 2 ** ones(j) <= k])


def swap_matrix(n, low, high, keep):
    M = torch.eye(n, dtype=torch.double)
    M[low, low] = M[high, high] = keep
    M[low, high] = M[high, low] = 1 - keep
    return M


def swaps(scores, layers, alpha, gap_of=lambda values, scores, low, high: values[high] - values[low]):
    """The soft swaps as matrices, first to last, and the scores as they leave."""
    matrices, values = [], scores
    for layer in layers:
        for low, high in layer:
            M = swap_matrix(len(scores), low, high, alpha(gap_of(values, scores, low, high)))
            matrices.append(M)
            values = M @ values
    return matrices, values


def on_last_lanes(weights, n):
    return torch.cat([torch.zeros(n - len(weights), dtype=torch.double), weights])


def carried(row, matrices):
    for M in matrices:
        row = row @ M
    return row


def pull_forwards(scores, weights, layers, alpha):
    return carried(on_last_lanes(weights.flip(0), len(scores)), swaps(scores, layers, alpha)[0])


def pull_worst_first(scores, weights, layers, alpha):
    return carried(on_last_lanes(weights, len(scores)), swaps(scores, layers, alpha)[0][::-1])


def pull_first_lanes(scores, weights, layers, alpha):
    row = on_last_lanes(weights.flip(0), len(scores)).flip(0)
    return carried(row, swaps(scores, layers, alpha)[0][::-1])


def pull_turned(scores, weights, layers, alpha):
    found, _ = swaps(scores, layers, alpha, lambda values, scores, low, high: values[low] - values[high])
    return carried(on_last_lanes(weights.flip(0), len(scores)), found[::-1])


def pull_frozen(scores, weights, layers, alpha):
    found, _ = swaps(scores, layers, alpha, lambda values, scores, low, high: scores[high] - scores[low])
    return carried(on_last_lanes(weights.flip(0), len(scores)), found[::-1])


def pull_as_they_left(scores, weights, layers, alpha):
    left = swaps(scores, layers, alpha)[1]
    found, _ = swaps(scores, layers, alpha, lambda values, scores, low, high: left[high] - left[low])
    return carried(on_last_lanes(weights.flip(0), len(scores)), found[::-1])


def pull_overwritten(scores, weights, layers, alpha):
    values, decided = scores.tolist(), []
    for low, high in (pair for layer in layers for pair in layer):
        p = float(alpha(torch.tensor(values[high] - values[low])))
        decided.append((low, high, p))
        values[low], values[high] = (
            p * values[low] + (1 - p) * values[high],
            (1 - p) * values[low] + p * values[high],
        )
    lanes = on_last_lanes(weights.flip(0), len(scores)).tolist()
    for low, high, p in decided[::-1]:
        lanes[low] = p * lanes[low] + (1 - p) * lanes[high]
        lanes[high] = (1 - p) * lanes[low] + p * lanes[high]
    return lanes


WRONG = {
    "5.1": {
        "walked from the first layer": needed_forwards,
        "the set never grows": needed_no_growth,
        "the first k lanes": needed_first_lanes,
        "both lanes asked for": needed_both,
        "only the low lane joins": needed_low_joins,
        "the pruned ones counted": needed_pruned,
    },
    "5.2": {
        "ones compared with k": survivors_bits,
        "beaten k times and still in": survivors_k_times,
        "the minus one forgotten": survivors_no_minus,
        "the losers counted": survivors_losers,
        "numbered from 1": survivors_from_one,
    },
    "5.3": {
        "layers walked forwards": pull_forwards,
        "weights worst-first": pull_worst_first,
        "weights on the first lanes": pull_first_lanes,
        "the gap turned round": pull_turned,
        "scores never updated": pull_frozen,
        "scores as they left": pull_as_they_left,
        "a lane overwritten": pull_overwritten,
    },
}

RIGHT = {"5.a": "b", "5.b": "c", "5.c": "a"}
