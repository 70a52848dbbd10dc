"""Answers to the exercises of lesson 04 as learners get them wrong, and to its predictions as they are right."""

import math

import torch


def mixture(a, b, alpha):
    return b + alpha * (a - b)


def soft_maximum(a, b, steepness, distribution):
    v = steepness * (a - b)
    return mixture(a, b, v.sigmoid() if distribution == "logistic" else 0.5 + v.atan() / math.pi)


def soft_no_pi(a, b, steepness, distribution):
    v = steepness * (b - a)
    return mixture(a, b, v.sigmoid() if distribution == "logistic" else 0.5 + v.atan())


def soft_no_half(a, b, steepness, distribution):
    v = steepness * (b - a)
    return mixture(a, b, v.sigmoid() if distribution == "logistic" else v.atan() / math.pi)


def soft_no_steepness(a, b, steepness, distribution):
    v = b - a
    return mixture(a, b, v.sigmoid() if distribution == "logistic" else 0.5 + v.atan() / math.pi)


def soft_temperature(a, b, steepness, distribution):
    v = (b - a) / steepness
    return mixture(a, b, v.sigmoid() if distribution == "logistic" else 0.5 + v.atan() / math.pi)


def soft_logistic_only(a, b, steepness, distribution):
    return mixture(a, b, 1 / (1 + (-steepness * (b - a)).exp()))


def argument(certainty, distribution):
    missing = 1 - certainty
    if distribution == "logistic":
        return math.log(certainty) - math.log(missing)
    if distribution == "cauchy":
        return 1 / math.tan(math.pi * missing)
    return (1 - 2 * missing) / missing


def wished_temperature(gap, certainty, distribution):
    return gap / argument(certainty, distribution)


def wished_times_gap(gap, certainty, distribution):
    return gap * argument(certainty, distribution)


def wished_no_gap(gap, certainty, distribution):
    return argument(certainty, distribution)


def wished_swapping(gap, certainty, distribution):
    swap = 1 - certainty
    return (1 / (1 - swap) - 2 if distribution == "reciprocal" else argument(swap, distribution)) / gap


def wished_no_pi(gap, certainty, distribution):
    v = math.tan(certainty - 0.5) if distribution == "cauchy" else argument(certainty, distribution)
    return v / gap


def wished_no_minus_two(gap, certainty, distribution):
    v = 1 / (1 - certainty) if distribution == "reciprocal" else argument(certainty, distribution)
    return v / gap


def smallest_step(alpha, low=-100.0, high=100.0, steps=200_001):
    b = torch.linspace(low, high, steps, dtype=torch.double)
    return (b - b * alpha(b)).diff().min()


def monotone_turned(alpha):
    return smallest_step(alpha) < -1e-9


def monotone_alpha(alpha):
    return bool((alpha(torch.linspace(-100, 100, 200_001, dtype=torch.double)).diff() >= 0).all())


def monotone_negative(alpha):
    return smallest_step(alpha, high=0.0) >= -1e-9


def monotone_near(alpha):
    return smallest_step(alpha, low=-1.0, high=1.0) >= -1e-9


def monotone_coarse(alpha):
    return smallest_step(alpha, steps=21) >= -1e-9


def monotone_exact(alpha):
    return smallest_step(alpha) >= 0


def monotone_single(alpha):
    b = torch.linspace(-100, 100, 200_001)
    return (b - b * alpha(b)).diff().min() >= -1e-9


WRONG = {
    "4.1": {
        "the soft maximum": soft_maximum,
        "arctan not divided by π": soft_no_pi,
        "one half forgotten": soft_no_half,
        "the steepness forgotten": soft_no_steepness,
        "steepness taken for temperature": soft_temperature,
        "logistic for both": soft_logistic_only,
    },
    "4.2": {
        "temperature returned for steepness": wished_temperature,
        "multiplied by the gap": wished_times_gap,
        "the gap forgotten": wished_no_gap,
        "the probability of swapping": wished_swapping,
        "the tangent without π": wished_no_pi,
        "minus two lost": wished_no_minus_two,
    },
    "4.3": {
        "the verdict turned around": monotone_turned,
        "α itself tested": monotone_alpha,
        "only negative gaps": monotone_negative,
        "gaps not far enough": monotone_near,
        "steps too wide": monotone_coarse,
        "no room for rounding": monotone_exact,
        "single precision": monotone_single,
    },
}

RIGHT = {"4.a": "c", "4.b": "b", "4.c": "c"}
