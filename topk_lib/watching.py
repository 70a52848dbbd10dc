"""Who looks on while operations run: torch.compile, torch.func, tracers. They decide what may be read or kept."""

from __future__ import annotations

import torch


def is_watched() -> bool:
    """Whether every operation is seen by torch.compile, torch.func, a tracer or a dispatch mode.

    Then no value may be read, and no tensor may be kept for later: it may stand for something else.
    """
    if torch.compiler.is_compiling() or torch.jit.is_tracing():
        return True
    return torch._C._are_functorch_transforms_active() or torch._C._len_torch_dispatch_stack() > 0


def is_readable(tensor: torch.Tensor) -> bool:
    """Whether a value of this tensor can be looked at for free: it lies on the CPU and nobody is watching."""
    return type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.device.type == "cpu" and not is_watched()
