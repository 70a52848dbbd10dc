"""What torch does with operations beside running them: compile, trace, differentiate, vectorize.

First, who looks on, since that decides what may be read or kept. Then our own steps of autograd, and how each is run
under torch.compile and in forward mode over forward mode as well.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch._C import _functorch  # pyright: ignore[reportAttributeAccessIssue]  torch has no stub of it


def is_watched() -> bool:
    """Whether every operation is seen by torch.compile, torch.func, a tracer or a dispatch mode.

    Then no value may be read, and no tensor may be kept for later: it may stand for something else.
    """
    if torch.compiler.is_compiling() or torch.jit.is_tracing():  # pyright: ignore[reportPrivateImportUsage]  documented all the same
        return True
    return torch._C._are_functorch_transforms_active() or torch._C._len_torch_dispatch_stack() > 0


def is_readable(tensor: torch.Tensor) -> bool:
    """Whether a value of this tensor can be looked at for free: it lies on the CPU and nobody is watching."""
    return type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.device.type == "cpu" and not is_watched()


def is_vectorized(tensor: torch.Tensor) -> bool:
    """Whether this stands for many tensors at once, in a backward pass with ``is_grads_batched``."""
    return _functorch.is_legacy_batchedtensor(tensor)


def _refuse(*_: Any) -> NoReturn:
    raise RuntimeError("forward mode over forward mode has no rule here: use torch.func.hessian, or jacfwd of jacrev")


class Function(torch.autograd.Function):
    """A step of autograd, to be called by `run`.

    Subclasses write, besides torch's static methods, ``tangent``, the rule for forward mode (torch's ``jvp``).
    """

    if TYPE_CHECKING:  # every step has arguments of its own, which torch's signatures do not foresee
        forward: Any
        setup_context: Any
        backward: Any
        vmap: Any
        tangent: Any

    nested: Any = staticmethod(_refuse)
    """The same in operations that torch can take a forward derivative of twice, if there is such a way."""


def run(function: type[Function], *inputs: Any) -> Any:
    """``function.apply`` as the circumstances want it."""
    if torch.compiler.is_compiling():
        return function.apply(*inputs)  # torch.compile refuses a function that has a rule for forward mode
    if torch._C._are_functorch_transforms_active() and _forward_levels() > 1:
        return function.nested(*inputs)  # a rule for forward mode runs with all forward mode switched off
    return _with_tangent(function).apply(*inputs)


def save(ctx: Any, *tensors: torch.Tensor) -> None:
    """Keep tensors for the way back and for forward mode."""
    ctx.save_for_backward(*tensors)
    if not torch.compiler.is_compiling():
        ctx.save_for_forward(*tensors)


@functools.cache
def _with_tangent(function: type[Function]) -> type[Function]:
    return type(function.__name__, (function,), {"jvp": staticmethod(function.tangent)})


def _forward_levels() -> int:
    """How many levels of forward mode torch.func has open."""
    levels = _functorch.get_interpreter_stack() or ()
    return sum(level.key() == _functorch.TransformType.Jvp for level in levels)
