"""How many bytes a loss keeps for its backward pass."""

from __future__ import annotations

import torch
from torch import Tensor

from .steps import Contestant


def saved_bytes(contestant: Contestant, logits: Tensor, labels: Tensor) -> int:
    """Bytes of all storages that autograd saves in a forward pass, each counted once, whoever else holds it."""
    kept: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: Tensor) -> Tensor:
        for part in _strided(tensor):
            storage = part.untyped_storage()
            kept[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), contestant.inside():
        result = contestant.compute(logits, labels)
    del result
    return sum(storage.nbytes() for storage in kept.values())


def _strided(tensor: Tensor) -> tuple[Tensor, ...]:
    """The tensor, or what a sparse one consists of."""
    return (tensor._indices(), tensor._values()) if tensor.is_sparse else (tensor,)
