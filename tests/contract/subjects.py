"""Who is tested: every sorter and every loss that the library registers, and the two loops that run a network."""

import importlib.util
import inspect
from functools import partial

import torch
from hypothesis import HealthCheck, settings

import topk_lib

MODES = ("sm", "smce", "sort")
SORTERS = list(topk_lib.SORTERS)
NETWORKS = [name for name in SORTERS if hasattr(topk_lib.SORTERS[name](), "steepness")]
DISTRIBUTIONS = list(topk_lib.SIGMOIDS)
LOSSES = {name: getattr(topk_lib, name) for name in topk_lib.__all__ if name.endswith("Loss")}
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


def hardness(name, value):
    """The setting that makes a sorter as hard as that."""
    return {"steepness": value} if name in NETWORKS else {"temperature": 1 / value}


def kinds(name):
    """Every setting of a sorter that takes code of its own."""
    return [{"distribution": d} for d in DISTRIBUTIONS] if name in NETWORKS else [{}]


def _makers():
    for name, loss in LOSSES.items():
        if "sorter" in inspect.signature(loss).parameters:
            for sorter in SORTERS:
                yield f"{name}-{sorter}", partial(_with_sorter, loss, sorter)
        else:
            yield name, loss


def _with_sorter(loss, sorter, **options):
    quick = {"temperature": 4.0, "tolerance": 1e-5, "max_iterations": 20} if sorter == "sinkhorn" else {}
    return loss(sorter=topk_lib.make_sorter(sorter, **quick), **options)


MAKERS = dict(_makers())
"""Name -> function of a loss's options that gives a new loss, with every sorter where it takes one."""


def value_of(loss, *data):
    """What a loss gives; one that draws random numbers draws the same ones each time."""
    torch.manual_seed(0)
    return loss(*data)


def batch(size=6, n=7, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, n, generator=generator, dtype=dtype), torch.randint(n, (size,), generator=generator)
