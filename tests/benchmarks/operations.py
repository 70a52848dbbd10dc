"""How many operations torch is asked for: a measure without noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from torch.utils._python_dispatch import TorchDispatchMode


class _Counting(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))


def operations(compute: Callable[[], object]) -> Counter[str]:
    """Every operation that reaches the dispatcher in compute(), backward passes included, by name."""
    with _Counting() as counting:
        compute()
    return counting.calls
