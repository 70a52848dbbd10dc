"""A contestant: something that computes from logits and labels, and goes back to the logits' gradient."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from torch import Tensor

from .variants import Variant

Compute = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Contestant:
    """What is timed.

    Attributes:
        compute: (logits, labels) -> a scalar, or with ``backward=False`` anything.
        inside: the context in which it runs.
        backward: whether the gradient is part of the work.
        method: what exactly it calls, where there was a choice.
    """

    compute: Compute
    inside: Variant = nullcontext
    backward: bool = True
    method: str = ""

    def step(self, logits: Tensor, labels: Tensor) -> Callable[[], None]:
        """One forward and backward pass, to be called again and again."""

        def run() -> None:
            logits.grad = None
            with self.inside():
                result = self.compute(logits, labels)
                if self.backward:
                    result.backward()

        return run
