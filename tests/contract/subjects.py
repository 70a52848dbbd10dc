"""Who is tested: every sorter and every loss that the library registers, and the two loops that run a network."""

import importlib.util
from functools import partial

import torch
from hypothesis import HealthCheck, settings

import topk_lib
from topk_lib.sorters.thresholds import THRESHOLDS

MODES = ("sm", "smce", "sort")
SORTERS = list(topk_lib.SORTERS)
NETWORKS = [name for name in SORTERS if "steepness" in topk_lib.SORTERS.settings(name)]
DISTRIBUTIONS = list(topk_lib.SIGMOIDS)
CONSTRAINED = [name for name, threshold in THRESHOLDS.items() if threshold.constrained]
LOSSES = {name: topk_lib.LOSSES[name] for name in topk_lib.LOSSES if name != "ce"}
"""All but torch's own."""
BACKENDS = ("plain", "compiled") if importlib.util.find_spec("numba") else ("plain",)
RUNS = [(name, back_end) for name in SORTERS for back_end in (BACKENDS if name in NETWORKS else BACKENDS[:1])]
"""Each sorter with each loop that can run it."""


def seldom(examples):
    """A property that is tried on so many drawn examples, the same ones every time."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def build(name, **settings):
    """A sorter, SinkhornSort so close to its end that the last step, one of Newton's, is exact to 1e-9."""
    exact = {"tolerance": 1e-6, "max_iterations": 10_000} if name == "sinkhorn" else {}
    return topk_lib.make_sorter(name, **{**exact, **settings})


def known(name, **settings):
    """Of these settings those that a sorter has."""
    return {key: value for key, value in settings.items() if key in topk_lib.SORTERS.settings(name)}


def hardness(name, value):
    """The setting that makes a sorter as hard as that."""
    return known(name, steepness=value, temperature=1 / value, scale=1 / value)


def kinds(name):
    """Every setting of a sorter that takes code of its own."""
    choices = {"distribution": DISTRIBUTIONS, "threshold": CONSTRAINED}
    return [{key: value} for key, values in known(name, **choices).items() for value in values] or [{}]


def makers_of(name):
    """Pairs of a name and a function of a loss's options that gives a new loss, with every sorter if it takes one."""
    if "sorter" not in topk_lib.LOSSES.settings(name):
        return [(name, topk_lib.LOSSES[name])]
    return [(f"{name}-{sorter}", partial(_with_sorter, topk_lib.LOSSES[name], sorter)) for sorter in SORTERS]


def _with_sorter(loss, sorter, **options):
    quick = {"temperature": 4.0, "tolerance": 1e-5, "max_iterations": 20} if sorter == "sinkhorn" else {}
    return loss(sorter=topk_lib.make_sorter(sorter, **quick), **options)


MAKERS = dict(pair for name in LOSSES for pair in makers_of(name))


def value_of(loss, *data):
    """What a loss gives; one that draws random numbers draws the same ones each time."""
    torch.manual_seed(0)
    return loss(*data)


def batch(size=6, n=7, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, n, generator=generator, dtype=dtype), torch.randint(n, (size,), generator=generator)
