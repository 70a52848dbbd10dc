"""Answers to the exercises of lesson 08 as learners get them wrong, and to its predictions as they are right."""

import math
import statistics

import torch

from topk_lib.course import t_quantile


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


def accuracy_by_topk(logits, target, k):
    return (logits.topk(k).indices == target[:, None]).any(1).float().mean()


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
    "8.1": {
        "all ties are hits": accuracy_ties_hit,
        "all ties are misses": accuracy_ties_miss,
        "the label counted against itself": accuracy_counts_itself,
        "ties left to topk": accuracy_by_topk,
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

RIGHT = {"8.a": "c", "8.b": "b"}
