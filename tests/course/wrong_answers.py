"""Answers as learners get them wrong, written as they would write them, by exercise and by the mistake's name."""

import math
import statistics

import torch

from topk_lib.course import t_quantile


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


def chance_transposed(P, label, p_k):
    return sum(p * P[label, : k + 1].sum() for k, p in enumerate(p_k))


def chance_worst_first(P, label, p_k):
    return sum(p * P[-k - 1 :, label].sum() for k, p in enumerate(p_k))


def chance_rank_k_alone(P, label, p_k):
    total = 0
    for k in range(len(p_k)):
        total += p_k[k] * P[k, label]
    return total


def chance_wrong_cumulative(P, label, p_k):
    weight, total = 0, 0
    for p, q in zip(p_k, P[:, label], strict=False):
        weight += p
        total += weight * q
    return total


def soft_transposed(scores, temperature):
    ranked = scores.sort(descending=True).values
    return (-(ranked.unsqueeze(0) - scores.unsqueeze(1)).abs() / temperature).softmax(dim=0)


def soft_down_columns(scores, temperature):
    ranked = scores.sort(descending=True).values
    return (-(ranked.unsqueeze(1) - scores.unsqueeze(0)).abs() / temperature).softmax(dim=0)


def soft_worst_first(scores, temperature):
    ranked, _ = scores.sort()
    return (-(ranked.unsqueeze(1) - scores).abs() / temperature).softmax(dim=-1)


def soft_no_temperature(scores, temperature):
    ranked, _ = scores.sort(descending=True)
    return (-(ranked.unsqueeze(1) - scores).abs()).softmax(dim=-1)


def soft_steepness(scores, temperature):
    ranked, _ = scores.sort(descending=True)
    return (-(ranked.unsqueeze(1) - scores).abs() * temperature).softmax(dim=-1)


def soft_no_minus(scores, temperature):
    rows = [((s - scores).abs() / temperature).softmax(0) for s in scores.sort(descending=True).values]
    return torch.stack(rows)


def neural_logits(scores, ranks):
    n = len(scores)
    distances = torch.cdist(scores[:, None], scores[:, None], p=1).sum(1)
    return torch.stack([(n + 1 - 2 * r) * scores - distances for r in ranks])


def neural_transposed(scores, temperature):
    return (neural_logits(scores, range(1, len(scores) + 1)).T / temperature).softmax(0)


def neural_down_columns(scores, temperature):
    return (neural_logits(scores, range(1, len(scores) + 1)) / temperature).softmax(0)


def neural_worst_first(scores, temperature):
    return (neural_logits(scores, range(len(scores), 0, -1)) / temperature).softmax(1)


def neural_from_zero(scores, temperature):
    return (neural_logits(scores, range(len(scores))) / temperature).softmax(1)


def neural_no_temperature(scores, temperature):
    return neural_logits(scores, range(1, len(scores) + 1)).softmax(1)


def neural_no_sums(scores, temperature):
    n = len(scores)
    factors = torch.tensor([n + 1 - 2 * r for r in range(1, n + 1)])
    return (torch.outer(factors.float(), scores) / temperature).softmax(1)


def doubly_rows_only(P, tol=1e-3):
    return torch.allclose(P.sum(1), torch.ones(len(P)), rtol=0, atol=tol)


def doubly_columns_only(P, tol=1e-3):
    return all(abs(total - 1) <= tol for total in P.sum(0).tolist())


def doubly_total(P, tol=1e-3):
    return abs(P.sum() - len(P)) <= tol * len(P)


def doubly_one_direction(P, tol=1e-3):
    return (P.sum(0) - 1 <= tol).all() and (P.sum(1) - 1 <= tol).all() and (P >= 0).all()


def doubly_exactly(P, tol=1e-3):
    return (P.sum(0) == 1).all() and (P.sum(1) == 1).all() and (P >= 0).all()


def doubly_negative(P, tol=1e-3):
    return ((P.sum(0) - 1).abs() <= tol).all() and ((P.sum(1) - 1).abs() <= tol).all()


def bisect(chance, goal, low=1e-3, high=1e3, steps=60, wrong_end=False):
    for _ in range(steps):
        middle = (low * high) ** 0.5
        if (chance(middle) > goal) != wrong_end:
            low = middle
        else:
            high = middle
    return middle


def temperature_inverted(chance, goal):
    return 1 / bisect(chance, goal)


def temperature_chance(chance, goal):
    return chance(bisect(chance, goal))


def temperature_wrong_end(chance, goal):
    return bisect(chance, goal, wrong_end=True)


def temperature_early(chance, goal):
    return bisect(chance, goal, steps=9)


def temperature_narrow(chance, goal):
    return bisect(chance, goal, low=0.01, high=10)


def accuracy_ties_hit(logits, target, k):
    own = logits.gather(1, target[:, None])
    return ((logits > own).sum(1) < k).float().mean()


def accuracy_ties_miss(logits, target, k):
    hits = 0
    for row, label in zip(logits, target, strict=True):
        others = torch.cat([row[:label], row[label + 1 :]])
        hits += (others >= row[label]).sum() < k
    return hits / len(target)


def accuracy_counts_itself(logits, target, k):
    own = logits.gather(1, target[:, None])
    return ((logits >= own).sum(1) < k).float().mean().item()


def right_hits(logits, target, k):
    ranked = logits.sort(dim=1, descending=True, stable=True).indices[:, :k]
    return (ranked == target[:, None]).any(1).sum()


def accuracy_percent(logits, target, k):
    return right_hits(logits, target, k) / len(target) * 100


def accuracy_count(logits, target, k):
    return right_hits(logits, target, k)


def accuracy_worst_first(logits, target, k):
    ranked = logits.sort(dim=1, stable=True).indices[:, :k]
    return (ranked == target[:, None]).any(1).double().mean()


def interval(mean, half_width):
    return mean, mean - half_width, mean + half_width


def paired(a, b):
    return [x - y for x, y in zip(a, b, strict=True)]


def paired_normal(a, b):
    d = paired(a, b)
    return interval(statistics.mean(d), 1.96 * statistics.stdev(d) / math.sqrt(len(d)))


def paired_not_paired(a, b):
    n = len(a)
    spread = math.sqrt(statistics.stdev(a) ** 2 / n + statistics.stdev(b) ** 2 / n)
    return interval(statistics.mean(a) - statistics.mean(b), t_quantile(n - 1) * spread)


def paired_without_root(a, b):
    d = torch.tensor(a) - torch.tensor(b)
    return interval(d.mean(), t_quantile(len(a) - 1) * d.std())


def paired_population(a, b):
    d = torch.tensor(paired(a, b))
    return torch.stack(interval(d.mean(), t_quantile(len(a) - 1) * d.std(unbiased=False) / len(a) ** 0.5))


def paired_degrees(a, b):
    d = torch.tensor(paired(a, b))
    return interval(d.mean(), t_quantile(len(a)) * d.std() / len(a) ** 0.5)


def paired_sign(a, b):
    d = torch.tensor(b) - torch.tensor(a)
    return interval(d.mean(), t_quantile(len(a) - 1) * d.std() / len(a) ** 0.5)


def best_ignores_k(posterior, k):
    return posterior.amax(1).mean()


def best_kth_alone(posterior, k):
    return posterior.kthvalue(posterior.shape[1] - k + 1, dim=1).values.mean()


def best_same_classes(posterior, k):
    guesses = posterior.mean(0).argsort(descending=True)[:k]
    return posterior[:, guesses].sum(1).mean()


def best_smallest(posterior, k):
    return posterior.topk(k, largest=False).values.sum(1).mean()


def best_sum(posterior, k):
    return posterior.topk(k).values.sum()


def best_mean(posterior, k):
    return posterior.topk(k).values.mean()


WRONG = {
    "0.1": {
        "ranks run worst-first": hit_worst_first,
        "one rank too many": hit_one_too_many,
        "one rank too few": hit_one_too_few,
        "index taken for rank": hit_index_for_rank,
        "rank k alone": hit_rank_k_alone,
    },
    "0.2": {
        "P transposed": chance_transposed,
        "ranks run worst-first": chance_worst_first,
        "rank k alone": chance_rank_k_alone,
        "cumulative the wrong way": chance_wrong_cumulative,
    },
    "2.1": {
        "P transposed": soft_transposed,
        "softmax down the columns": soft_down_columns,
        "ranks run worst-first": soft_worst_first,
        "the temperature forgotten": soft_no_temperature,
        "steepness taken for temperature": soft_steepness,
        "the minus sign lost": soft_no_minus,
    },
    "2.2": {
        "P transposed": neural_transposed,
        "softmax down the columns": neural_down_columns,
        "ranks run worst-first": neural_worst_first,
        "ranks counted from 0": neural_from_zero,
        "the temperature forgotten": neural_no_temperature,
        "the sums left out": neural_no_sums,
    },
    "2.3": {
        "row sums only": doubly_rows_only,
        "column sums only": doubly_columns_only,
        "the sum of all entries": doubly_total,
        "one direction only": doubly_one_direction,
        "sums compared with ==": doubly_exactly,
        "negative entries let through": doubly_negative,
    },
    "2.4": {
        "steepness returned for temperature": temperature_inverted,
        "the chance returned for the temperature": temperature_chance,
        "the wrong end moved": temperature_wrong_end,
        "stopped too early": temperature_early,
        "the range too narrow": temperature_narrow,
    },
    "8.1": {
        "all ties are hits": accuracy_ties_hit,
        "all ties are misses": accuracy_ties_miss,
        "the label counted against itself": accuracy_counts_itself,
        "a percentage": accuracy_percent,
        "hits not divided by images": accuracy_count,
        "ranks run worst-first": accuracy_worst_first,
    },
    "8.2": {
        "the normal quantile": paired_normal,
        "runs not paired": paired_not_paired,
        "the root of N forgotten": paired_without_root,
        "the deviation divided by N": paired_population,
        "degrees of freedom": paired_degrees,
        "the sign turned": paired_sign,
    },
    "8.3": {
        "k ignored": best_ignores_k,
        "the k-th entry alone": best_kth_alone,
        "the same classes for every image": best_same_classes,
        "the k smallest entries": best_smallest,
        "sum in place of mean": best_sum,
        "mean over the k guesses": best_mean,
    },
}
