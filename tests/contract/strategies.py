"""Drawn inputs: scores in every shape, layout and precision, with ties and masks, and the options of the loss."""

import math

import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from .subjects import CONSTRAINED, DISTRIBUTIONS, known

P_K = ([1.0], [0.2] * 5, [0.5, 0, 0.5], [0.3, 0.1, 0.2, 0.0, 0.4], [0, 1.0], [0.5, 0.5, 0], [0, 0, 0.25, 0.75])
FAR = (-1e9, 1e9, -1e30, 1e30, 1e-30)
LAYOUTS = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.mT.contiguous().mT if x.ndim > 1 else x,
    "strided": lambda x: x.repeat_interleave(2, -1)[..., ::2],
    "expanded": lambda x: x.expand(2, *x.shape),
}
PRECISIONS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


@st.composite
def scores(draw, classes=(1, 7), far=False, masks=True, distinct=False, leading=2, precisions=PRECISIONS, layouts=True):
    """Scores of shape (..., n): mostly between -4 and 4, some of them equal.

    Args:
        far: whether some lie as far away as floats go.
        masks: whether some are minus infinity; every sample keeps one at least.
        distinct: whether the scores of a sample are at least 0.05 apart.
        leading: the most leading dimensions.
    """
    shape = (*draw(st.lists(st.integers(1, 2), max_size=leading)), draw(st.integers(*classes)))
    numbers = st.floats(-4, 4, width=16, allow_subnormal=False)
    if far:
        numbers |= st.sampled_from(FAR)
    drawn = torch.from_numpy(draw(arrays.arrays("float64", shape, elements=numbers)))
    if distinct:
        drawn = apart(drawn)
    if masks and draw(st.booleans()):
        hidden = torch.from_numpy(draw(arrays.arrays("bool", shape)))
        spared = drawn.argmax(-1, keepdim=True)
        drawn = drawn.masked_fill(hidden.scatter(-1, spared, False), -math.inf)
    layout = draw(st.sampled_from(list(LAYOUTS))) if layouts else "contiguous"
    return LAYOUTS[layout](drawn.to(draw(st.sampled_from(precisions))))


def apart(drawn):
    """The same order of scores, neighbours 0.05 apart at least."""
    ranks = drawn.argsort(dim=-1, stable=True).argsort(-1)
    return drawn + 0.05 * ranks


@st.composite
def sorter_settings(draw, name):
    choices = {
        "temperature": [1.0, 1.5, 3.0],
        "scale": [1.0, 1.5, 3.0],
        "threshold": CONSTRAINED,
        "steepness": [0.4, 1.0, 3.0],
        "distribution": DISTRIBUTIONS,
        "art_lambda": [0.25, 0.5],
    }
    return {key: draw(st.sampled_from(values)) for key, values in known(name, **choices).items()}


@st.composite
def loss_options(draw, n):
    """Options of the top-k cross-entropy for n classes."""
    p_k = draw(st.sampled_from([p for p in P_K if reach(p) <= n]))
    options = {
        "p_k": p_k,
        "m": draw(st.none() | st.integers(reach(p_k), n)),
        "top1_mode": draw(st.sampled_from(["sm", "smce", "sort"])),
        "reduction": draw(st.sampled_from(["none", "mean", "sum"])),
        "weight": draw(st.none() | st.just(torch.linspace(0.5, 2, n))),
        "ignore_index": draw(st.sampled_from([-100, 0, 7777])),
        "label_smoothing": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "eps": draw(st.sampled_from([1e-7, 0.0, 0.01])),
    }
    return options


def reach(p_k):
    """The largest k with P_K(k) > 0."""
    return max(k for k, p in enumerate(p_k, 1) if p > 0)


@st.composite
def targets(draw, shape, n, ignore_index):
    """Class indices of that shape, some of them ignored, or probabilities with the classes last."""
    if draw(st.booleans()):
        index = st.integers(0, n - 1) | st.just(ignore_index)
        return torch.from_numpy(draw(arrays.arrays("int64", shape, elements=index)))
    numbers = st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0])
    return torch.from_numpy(draw(arrays.arrays("float64", (*shape, n), elements=numbers)))
