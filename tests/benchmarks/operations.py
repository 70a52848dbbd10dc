"""How many operations torch is asked for, and how many of them an accelerator would run: measures without noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from unittest.mock import patch

from torch.utils._python_dispatch import TorchDispatchMode

from .cases import Case
from .steps import Contestant


class _Counting(TorchDispatchMode):
    def __init__(self, only_work: bool) -> None:
        super().__init__()
        self.only_work = only_work
        self.calls: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if not (self.only_work and (func.is_view or "empty" in name)):
            self.calls[name] += 1
        return func(*args, **(kwargs or {}))


def operations(compute: Callable[[], object], readable: bool = True) -> Counter[str]:
    """Every operation that reaches the dispatcher in compute(), backward passes included, by name.

    Args:
        readable: whether the loss may look for masked scores, as on a CPU where nothing counts; elsewhere it must be
            ready for some.
    """
    with _Counting(only_work=False) as counting, patch("topk_lib.masks.is_readable", lambda scores: readable):
        compute()
    return counting.calls


def launches(case: Case) -> int:
    """Operations of a later step that neither are views nor only set memory aside: on a GPU a kernel each.

    Counted with tensors that have a shape but no values, the index tables being where they belong since the first step.
    """
    logits, labels = (tensor.to("meta") for tensor in case.sample())
    step = Contestant(case.loss()).step(logits.detach().requires_grad_(), labels)
    step()
    with _Counting(only_work=True) as counting:
        step()
    return counting.calls.total()
