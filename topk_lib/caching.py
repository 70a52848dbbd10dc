"""Networks, index tables and constants, kept for the next call: outside every module, and bounded in size.

A module must not hold them. A buffer would be averaged by an EMA, broadcast by DDP and written by pickle, and a
tensor made under `torch.inference_mode` could never be trained with.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import torch

from .transforms import is_watched

LIMIT = 2**26
"""Bytes that the results of one function may take together; the newest is kept, however large."""
MOST = 1024
"""Results of one function, at most."""

P = ParamSpec("P")
R = TypeVar("R")


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of a function of hashable arguments: those used last, up to `LIMIT` bytes.

    Tensors are made as ordinary ones, whatever mode the caller is in, and are not kept while somebody watches. What
    is asked for while a CUDA graph is captured stays for good, since the graph reads it at every replay.
    """
    entries: OrderedDict[tuple, _Entry] = OrderedDict()
    for_good: dict[tuple, _Entry] = {}
    lock = threading.Lock()

    @functools.wraps(function)
    def call(*args: P.args, **named: P.kwargs) -> R:
        if torch.compiler.is_compiling():
            return function(*args, **named)
        key = (args, *map(type, args), *sorted(named.items()))
        with lock:
            entry = entries.get(key)
            if entry is not None:
                entries.move_to_end(key)
        if entry is None:
            with torch.inference_mode(False):
                entry = _Entry.of(function(*args, **named))
            if entry.devices and is_watched():
                return entry.result
            with lock:
                entries[key] = entry
                _forget_the_oldest(entries)
        if "cuda" in entry.devices and torch.cuda.is_current_stream_capturing():
            for_good[key] = entry
        return entry.result

    vars(call).update(entries=entries, for_good=for_good)
    return call


@kept
def constant(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Numbers as a tensor, shape (len(values),)."""
    return torch.tensor(values, dtype=dtype, device=device)


class _Entry(NamedTuple):
    result: Any
    size: int
    devices: frozenset[str]

    @classmethod
    def of(cls, result: Any) -> _Entry:
        parts = getattr(result, "layers", result if isinstance(result, tuple) else (result,))
        arrays = [part for part in parts if isinstance(part, np.ndarray | torch.Tensor)]
        devices = frozenset(part.device.type for part in arrays if isinstance(part, torch.Tensor))
        return cls(result, sum(array.nbytes for array in arrays), devices)


def _forget_the_oldest(entries: OrderedDict[tuple, _Entry]) -> None:
    size = sum(entry.size for entry in entries.values())
    while len(entries) > 1 and (size > LIMIT or len(entries) > MOST):
        size -= entries.popitem(last=False)[1].size
