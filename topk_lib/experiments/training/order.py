"""In which order a training sees its samples: shuffled anew in each epoch, and gone on with where it was broken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from ... import _validate


class Order:
    """Indices in shuffled batches; iterating once is one epoch.

    The order comes from a generator of its own, so that two runs with one seed see the same batches whatever else they
    do. The ``count`` mod ``size`` samples at the end of the shuffled order sit the epoch out, so that all batches are
    of one size; another epoch leaves out others.

    Args:
        count: of samples, at least 1.
        size: samples per batch, at least 1; where there are fewer, all of them are one batch.
        seed: of the order.
        device: where the indices are moved, once an epoch.

    Iterating yields indices (B,) int64. An iteration that was broken off is gone on with by the next one.
    """

    def __init__(self, count: int, size: int, seed: int = 0, device: torch.device | str = "cpu") -> None:
        self.count, self.size = count, min(_validate.integer("size", size, 1), count)
        self.device = torch.device(device)
        self.generator = torch.Generator().manual_seed(seed)
        self.order, self.done = torch.empty(0, dtype=torch.long), 0

    def __len__(self) -> int:
        return self.count // self.size

    def __iter__(self) -> Iterator[Tensor]:
        if self.done == 0:
            self.order = torch.randperm(self.count, generator=self.generator)
        for chosen in moved(self.order, self.device).split(self.size)[self.done : len(self)]:
            self.done += 1
            yield chosen
        self.done = 0

    def state_dict(self) -> dict[str, object]:
        """Where in which epoch the batches are, and what will be drawn next."""
        return {"order": self.order, "done": self.done, "generator": self.generator.get_state()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Go on where `state_dict` was called, with as many samples."""
        self.order, self.done = state["order"], state["done"]
        self.generator.set_state(state["generator"])


def moved(numbers: Tensor, device: torch.device) -> Tensor:
    """What was drawn on the CPU, on the device; a GPU gets it from pinned memory, so that nothing waits for it."""
    if device.type == "cuda":
        return numbers.pin_memory().to(device, non_blocking=True)
    return numbers.to(device)
