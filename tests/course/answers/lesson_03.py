"""Answers to the exercises of lesson 03 as learners get them wrong, and to its predictions as they are right."""

import itertools
import math

import torch


def hard_reversed(layers, values):
    out = list(values)
    for layer in layers:
        for low, high in layer:
            if out[low] < out[high]:
                out[low], out[high] = out[high], out[low]
    return out


def hard_by_number(layers, values):
    out = list(values)
    for layer in layers:
        for a, b in layer:
            if out[min(a, b)] > out[max(a, b)]:
                out[a], out[b] = out[b], out[a]
    return out


def hard_overwritten(layers, values):
    out = list(values)
    for layer in layers:
        for low, high in layer:
            out[low] = min(out[low], out[high])
            out[high] = max(out[low], out[high])
    return out


def hard_sorted(layers, values):
    return sorted(values)


def hard_one_layer(layers, values):
    out = list(values)
    for layer in layers:
        for low, high in layer:
            out[low], out[high] = min(out[low], out[high]), max(out[low], out[high])
        return out
    return out


def hard_in_place(layers, values):
    for layer in layers:
        for low, high in layer:
            values[low], values[high] = min(values[low], values[high]), max(values[low], values[high])
    return values


def soft(values, layer, steepness, alpha, by_number=False, overwritten=False):
    out = values.clone()
    for low, high in layer:
        if by_number:
            low, high = min(low, high), max(low, high)
        source = out if overwritten else values
        keep = alpha(values[high] - values[low], steepness)
        out[low] = keep * source[low] + (1 - keep) * source[high]
        out[high] = (1 - keep) * source[low] + keep * source[high]
    return out


def cauchy(gap, steepness):
    return 0.5 + torch.arctan(steepness * gap) / torch.pi


def soft_wrong_gap(values, layer, steepness):
    return soft(values, layer, steepness, lambda gap, beta: cauchy(-gap, beta))


def soft_no_half(values, layer, steepness):
    return soft(values, layer, steepness, lambda gap, beta: torch.atan(beta * gap) / math.pi)


def soft_hard(values, layer, steepness):
    return soft(values, layer, steepness, lambda gap, beta: 1.0 if gap >= 0 else 0.0)


def soft_temperature(values, layer, steepness):
    return soft(values, layer, steepness, lambda gap, beta: cauchy(gap, 1 / beta))


def soft_overwritten(values, layer, steepness):
    return soft(values, layer, steepness, cauchy, overwritten=True)


def soft_by_number(values, layer, steepness):
    return soft(values, layer, steepness, cauchy, by_number=True)


def run(layers, values):
    values = list(values)
    for low, high in itertools.chain(*layers):
        if values[low] > values[high]:
            values[low], values[high] = values[high], values[low]
    return values


def zero_one_any(layers, n):
    return any(run(layers, bits) == sorted(bits) for bits in itertools.product([0, 1], repeat=n))


def zero_one_by_number(layers, n):
    layers = [[sorted(pair) for pair in layer] for layer in layers]
    return all(run(layers, bits) == sorted(bits) for bits in itertools.product([0, 1], repeat=n))


def zero_one_backwards(layers, n):
    return run(layers, reversed(range(n))) == list(range(n))


def zero_one_single(layers, n):
    inputs = torch.eye(n).int().tolist()
    return all(run(layers, bits) == sorted(bits) for bits in inputs)


def zero_one_descending(layers, n):
    inputs = itertools.product([0, 1], repeat=n)
    return all(run(layers, bits) == sorted(bits, reverse=True) for bits in inputs)


WRONG = {
    "3.1": {
        "the larger value sent to low": hard_reversed,
        "the order of the pair ignored": hard_by_number,
        "a value overwritten too early": hard_overwritten,
        "sorted without the network": hard_sorted,
        "only the first layer run": hard_one_layer,
        "the input changed in place": hard_in_place,
    },
    "3.2": {
        "the gap the wrong way round": soft_wrong_gap,
        "the half forgotten": soft_no_half,
        "hard swaps": soft_hard,
        "steepness taken for temperature": soft_temperature,
        "a value overwritten too early": soft_overwritten,
        "the order of the pair ignored": soft_by_number,
    },
    "3.3": {
        "one good input is enough": zero_one_any,
        "the order of the pair ignored": zero_one_by_number,
        "only one backwards input": zero_one_backwards,
        "inputs with a single 1 only": zero_one_single,
        "descending taken for sorted": zero_one_descending,
    },
}

RIGHT = {"3.a": "b", "3.b": "a", "3.c": "b"}
