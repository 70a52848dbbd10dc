"""Answers to the exercises of lesson 02 as learners get them wrong, and to its predictions as they are right."""

import torch


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


def bisect(probability, goal, low=1e-3, high=1e3, steps=60, wrong_end=False):
    for _ in range(steps):
        middle = (low * high) ** 0.5
        if (probability(middle) > goal) != wrong_end:
            low = middle
        else:
            high = middle
    return middle


def temperature_inverted(probability, goal):
    return 1 / bisect(probability, goal)


def temperature_probability(probability, goal):
    return probability(bisect(probability, goal))


def temperature_wrong_end(probability, goal):
    return bisect(probability, goal, wrong_end=True)


def temperature_early(probability, goal):
    return bisect(probability, goal, steps=9)


def temperature_narrow(probability, goal):
    return bisect(probability, goal, low=0.01, high=10)


WRONG = {
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
        "the probability returned for the temperature": temperature_probability,
        "the wrong end moved": temperature_wrong_end,
        "stopped too early": temperature_early,
        "the range too narrow": temperature_narrow,
    },
}

RIGHT = {"2.a": "b", "2.b": "b", "2.c": "a"}
