"""Answers to the exercises of lesson 07 as learners get them wrong, and to its predictions as they are right."""

import math

import torch


def densities(point, centres, scale, power=2):
    distances = torch.linalg.vector_norm(centres - point, dim=-1)
    return torch.exp(-(distances**power) / scale)


def shares(values):
    return values / values.sum()


def posterior_undivided(point, centres, spread):
    return densities(point, centres, 2 * spread * spread).sum(dim=-1)


def posterior_nearest(point, centres, spread):
    return shares(torch.stack([blobs.max() for blobs in densities(point, centres, 2 * spread * spread)]))


def posterior_multiplied(point, centres, spread):
    return shares(densities(point, centres, 2 * spread * spread).prod(dim=-1))


def posterior_spread_not_squared(point, centres, spread):
    return shares(densities(point, centres, 2 * spread).sum(dim=-1))


def posterior_two_forgotten(point, centres, spread):
    return shares(densities(point, centres, spread * spread).sum(dim=-1))


def posterior_distance(point, centres, spread):
    return shares(densities(point, centres, 2 * spread * spread, power=1).sum(dim=-1))


def noise(posterior, groups, stays, comes, itself=False, shared=True):
    n = len(posterior)
    result = []
    for i in range(n):
        others = [j for j in range(n) if groups[j] == groups[i] and (itself or j != i)]
        total = sum(float(posterior[j]) for j in others)
        result.append(stays * float(posterior[i]) + comes * total / (len(others) if shared else 1))
    return torch.tensor(result)


def noisy_itself(posterior, groups, rate):
    return noise(posterior, groups, 1 - rate, rate, itself=True)


def noisy_no_groups(posterior, groups, rate):
    return noise(posterior, [0] * len(posterior), 1 - rate, rate)


def noisy_lost(posterior, groups, rate):
    return posterior - rate * posterior


def noisy_gained(posterior, groups, rate):
    return noise(posterior, groups, 1, rate)


def noisy_exchanged(posterior, groups, rate):
    return noise(posterior, groups, rate, 1 - rate)


def noisy_not_shared(posterior, groups, rate):
    return noise(posterior, groups, 1 - rate, rate, shared=False)


def hits(judge, guide, k):
    total = 0.0
    for probabilities, guesses in zip(
        judge.tolist(), guide.argsort(dim=1, descending=True)[:, :k].tolist(), strict=True
    ):
        total += math.fsum(probabilities[j] for j in guesses)
    return total / len(judge)


def reach_noisy(posterior, noisy, k):
    return hits(noisy, noisy, k)


def reach_true(posterior, noisy, k):
    return hits(posterior, posterior, k)


def reach_exchanged(posterior, noisy, k):
    return hits(noisy, posterior, k)


def reach_one(posterior, noisy, k):
    return hits(posterior, noisy, 1)


def reach_mean(posterior, noisy, k):
    return hits(posterior, noisy, k) / k


def reach_sum(posterior, noisy, k):
    return hits(posterior, noisy, k) * len(posterior)


WRONG = {
    "7.1": {
        "shares not divided by their sum": posterior_undivided,
        "the nearest blob alone": posterior_nearest,
        "blobs multiplied": posterior_multiplied,
        "the spread not squared": posterior_spread_not_squared,
        "the 2 forgotten": posterior_two_forgotten,
        "the distance not squared": posterior_distance,
    },
    "7.2": {
        "replaced by itself": noisy_itself,
        "groups ignored": noisy_no_groups,
        "only what is lost": noisy_lost,
        "only what is gained": noisy_gained,
        "rate and rest exchanged": noisy_exchanged,
        "not shared among the partners": noisy_not_shared,
    },
    "7.3": {
        "judged by the noisy labels": reach_noisy,
        "guessed by the true probabilities": reach_true,
        "tables exchanged": reach_exchanged,
        "k ignored": reach_one,
        "mean over the k guesses": reach_mean,
        "sum in place of mean": reach_sum,
    },
}

RIGHT = {"7.a": "b", "7.b": "c", "7.c": "a"}
