"""Which code runs a comparator network: torch operations, or machine code, where numba or Triton is installed."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType

import torch
from torch import Tensor
from torch.autograd import forward_ad

from .. import _validate
from ..networks import top_k_network
from ..sigmoids import Comparator
from ..transforms import is_watched
from . import compiled, plain

BACKENDS = ("auto", "plain", "compiled")
PACKAGES = {"cpu": "numba", "cuda": "triton"}
"""What compiles the code for a type of device; torch for NVIDIA's GPUs brings Triton along."""
MODULES = {"cpu": ".cpu", "cuda": ".gpu"}
BREAK_EVEN = 2**12
"""Comparators times samples from which on compiled code is chosen on a CPU; for less it isn't worth being loaded."""
LARGE_NETWORK, SMALL_BATCH = 2**12, 32
"""With more comparators and fewer samples than this, torch's operations over a whole layer are faster on a CPU."""

_chosen: ContextVar[str] = ContextVar("backend", default="auto")


@contextlib.contextmanager
def backend(name: str) -> Iterator[None]:
    """Choose, inside a ``with`` block, what runs comparator networks.

    Args:
        name: "auto", the default everywhere: compiled code, for CPU tensors if numba is installed and there is enough
            to do, for CUDA tensors of float32 if Triton is; "plain": torch operations only; "compiled": compiled code
            for the smallest CPU tensor, too.

    Raises:
        ValueError: for another name.
        ModuleNotFoundError: for "compiled" with neither numba nor Triton.
    """
    _validate.choice("name", name, BACKENDS)
    if name == "compiled" and not any(map(_has, PACKAGES.values())):
        raise ModuleNotFoundError('backend("compiled") needs numba: pip install numba')
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def push(scores: Tensor, payload: Tensor, kind: str, k: int, comparator: Comparator) -> Tensor:
    """P·payload of scores (B, n) and payload (C, n, B), shape (C, k, B)."""
    run = compiled_run(scores, kind, k, comparator)
    if run is not None:
        return compiled.push(run, scores.T, payload, k)
    return plain.push(scores.T, payload, *_wired(scores, kind, k), comparator)


def pull(scores: Tensor, weights: Tensor, kind: str, k: int, comparator: Comparator) -> Tensor:
    """weights·P of scores (B, n) and row vectors (C, k, B), shape (C, n, B)."""
    run = compiled_run(scores, kind, k, comparator)
    if run is not None:
        return compiled.pull(run, scores.T, weights, k)
    return plain.pull(scores.T, weights, *_wired(scores, kind, k), comparator)


def _wired(scores: Tensor, kind: str, k: int) -> tuple[Tensor, plain.Wiring]:
    n = len(range(scores.shape[1]))  # pins down a symbolic size: a network is built for one n
    return _table(kind, n, k, scores.device), _wiring(kind, n, k, scores.device)


def _table(kind: str, n: int, k: int, device: torch.device) -> Tensor:
    return plain.wired(top_k_network(kind, n, k), k, device)[0]


def _wiring(kind: str, n: int, k: int, device: torch.device) -> plain.Wiring:
    return plain.wired(top_k_network(kind, n, k), k, device)[1]


for constant in (_table, _wiring):
    # What torch.compiler.assume_constant_result does, without its import of torch._dynamo (over a second).
    vars(constant)["_dynamo_marked_constant"] = True


def compiled_run(scores: Tensor, kind: str, k: int, comparator: Comparator) -> compiled.Run | None:
    """What takes scores (B, n) through the network of that kind for their top k; None: torch operations.

    Never compiled code under torch.compile, torch.func, forward mode and whatever else has to see every operation.
    """
    if not _is_ordinary(scores, comparator):
        return None
    chosen = _chosen.get()
    if chosen == "plain":
        return None
    engine = compiled_code(scores.device.type)
    if engine is None or scores.dtype not in engine.DTYPES or comparator.distribution not in compiled.CODES:
        return None
    network = top_k_network(kind, scores.shape[1], k)
    if chosen == "auto" and scores.device.type == "cpu" and not _pays(len(scores), network.size):
        return None
    return engine.Run(network, comparator, len(scores))


def _pays(batch: int, comparators: int) -> bool:
    return comparators * batch >= BREAK_EVEN and (batch >= SMALL_BATCH or comparators <= LARGE_NETWORK)


def _is_ordinary(scores: Tensor, comparator: Comparator) -> bool:
    if type(comparator) is not Comparator or type(scores) not in (torch.Tensor, torch.nn.Parameter):
        return False
    return not is_watched() and forward_ad._current_level < 0


def compiled_code(device: str) -> ModuleType | None:
    """The compiled code for a type of device, if there is any."""
    return _load(device) if device in PACKAGES and _has(PACKAGES[device]) else None


@functools.lru_cache
def _load(device: str) -> ModuleType | None:
    """None, and a warning, if the package is there but does not work."""
    try:
        module = importlib.import_module(MODULES[device], __package__)
        if device == "cuda":
            module.try_out()
    except Exception as error:  # of an import, a compiler or a driver
        package = PACKAGES[device]
        warnings.warn(f"{package} cannot be used, networks run in plain torch operations: {error}", stacklevel=2)
        return None
    return module


@functools.lru_cache
def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
