"""Answers to the exercises of lesson 00 as learners get them wrong, and to its predictions as they are right."""


def hit_worst_first(scores, label, k):
    return label in scores.topk(k, largest=False).indices.tolist()


def hit_one_too_many(scores, label, k):
    rank = scores.argsort(descending=True).tolist().index(label)
    return rank <= k


def hit_one_too_few(scores, label, k):
    rank = 1 + sum(s > scores[label] for s in scores.tolist())
    return bool(rank < k)


def hit_index_for_rank(scores, label, k):
    ranked = scores.sort(descending=True).values
    return ranked[label] >= ranked[k - 1]


def hit_rank_k_alone(scores, label, k):
    return scores.argsort(descending=True)[k - 1].item() == label


def probability_transposed(P, label, p_k):
    return sum(p * P[label, : k + 1].sum() for k, p in enumerate(p_k))


def probability_worst_first(P, label, p_k):
    return sum(p * P[-k - 1 :, label].sum() for k, p in enumerate(p_k))


def probability_rank_k_alone(P, label, p_k):
    total = 0
    for k in range(len(p_k)):
        total += p_k[k] * P[k, label]
    return total


def probability_wrong_cumulative(P, label, p_k):
    weight, total = 0, 0
    for p, q in zip(p_k, P[:, label], strict=False):
        weight += p
        total += weight * q
    return total


WRONG = {
    "0.1": {
        "ranks run worst-first": hit_worst_first,
        "one rank too many": hit_one_too_many,
        "one rank too few": hit_one_too_few,
        "index taken for rank": hit_index_for_rank,
        "rank k alone": hit_rank_k_alone,
    },
    "0.2": {
        "P transposed": probability_transposed,
        "ranks run worst-first": probability_worst_first,
        "rank k alone": probability_rank_k_alone,
        "cumulative the wrong way": probability_wrong_cumulative,
    },
}

RIGHT = {"0.a": "c"}
