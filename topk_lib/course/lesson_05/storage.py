"""How much a computation keeps in memory: what autograd stores for the way back, and the most that lives at once."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Result = TypeVar("Result")


def stored_numbers(compute: Callable[..., Result], *arguments: object) -> tuple[Result, int]:
    """What compute(*arguments) returns, and how many floating-point numbers autograd keeps for the backward pass.

    A number that several operations keep is counted once. Parameters and inputs count where they are kept.
    """
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        if tensor.is_floating_point():
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = compute(*arguments)
    return result, sum(t.untyped_storage().nbytes() // t.element_size() for t in kept.values())


def peak_bytes(compute: Callable[..., object], *arguments: object) -> int:
    """The most bytes that tensors made by compute(*arguments) take at any one time, backward passes included.

    Memory is counted when an operation returns it and until its last tensor is dropped; what a kernel uses
    inside an operation is not seen.
    """
    with _Ledger() as ledger:
        compute(*arguments)
    return ledger.peak


class _Ledger(TorchDispatchMode):
    """Keeps the books of tensor memory while it is active."""

    def __init__(self) -> None:
        super().__init__()
        self.alive = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor):
                self._enter(tensor.untyped_storage())
        self.peak = max(self.peak, self.alive)
        return result

    def _enter(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key not in self._known:
            self._known.add(key)
            self.alive += size
            weakref.finalize(storage, self._leave, key, size)

    def _leave(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.alive -= size
