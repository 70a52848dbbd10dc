"""Which code runs a comparator network: torch operations, or machine code compiled by numba where it is installed."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import warnings
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

import torch

from . import _validate
from .networks import top_k_network
from .sigmoids import Comparator

BACKENDS = ("auto", "plain", "compiled")
BREAK_EVEN = 2**12
"""Comparators times samples from which on compiled code is chosen; for less it isn't worth being loaded."""
LARGE_NETWORK, SMALL_BATCH = 2**12, 32
"""With more comparators and fewer samples than this, torch's operations, each over a whole layer, are the faster."""

_chosen: ContextVar[str] = ContextVar("backend", default="auto")


@contextlib.contextmanager
def backend(name: str) -> Iterator[None]:
    """Choose, inside a ``with`` block, what runs comparator networks.

    Args:
        name: "auto", the default everywhere: compiled code for CPU tensors if numba is installed and there is enough
            to do; "plain": torch operations only; "compiled": compiled code for the smallest CPU tensor, too.

    Raises:
        ValueError: for another name.
        ModuleNotFoundError: for "compiled" without numba.
    """
    _validate.choice("name", name, BACKENDS)
    if name == "compiled" and not _has_numba():
        raise ModuleNotFoundError('backend("compiled") needs numba: pip install numba')
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def use_compiled(scores: torch.Tensor, kind: str, k: int, comparator: Comparator) -> bool:
    """Whether the network of that kind for the top k of scores (B, n) goes through `topk_lib.compiled`.

    Never under torch.compile, torch.func and other machinery that has to see every operation.
    """
    if torch.compiler.is_compiling() or not _has_numba() or not _is_ordinary(scores):
        return False
    chosen = _chosen.get()
    if chosen == "plain" or not _knows(comparator):
        return False
    return chosen == "compiled" or _pays(len(scores), top_k_network(kind, scores.shape[1], k).size)


def _pays(batch: int, comparators: int) -> bool:
    return comparators * batch >= BREAK_EVEN and (batch >= SMALL_BATCH or comparators <= LARGE_NETWORK)


@functools.lru_cache(maxsize=1)
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def _is_ordinary(scores: torch.Tensor) -> bool:
    if type(scores) is not torch.Tensor or scores.device.type != "cpu" or torch.jit.is_tracing():
        return False
    watched = torch._C._are_functorch_transforms_active() or torch._C._len_torch_dispatch_stack() > 0
    return not watched and scores.dtype in (torch.float32, torch.float64)


def _knows(comparator: Comparator) -> bool:
    return type(comparator) is Comparator and comparator.distribution in _codes()


@functools.lru_cache(maxsize=1)
def _codes() -> Mapping[str, int]:
    """What compiled code there is; none, and a warning, if numba is there but does not work."""
    try:
        from .compiled import CODES
    except ImportError as error:
        warnings.warn(f"numba cannot be used, networks run in plain torch operations: {error}", stacklevel=2)
        return {}
    return CODES
