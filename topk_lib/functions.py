"""Our own steps of autograd, and how each is run: under torch.compile and in forward mode over forward mode as well."""

from __future__ import annotations

import functools
from typing import Any

import torch


class Function(torch.autograd.Function):
    """A step of autograd, to be called by `run`.

    Subclasses write, besides torch's static methods, ``tangent``, the rule for forward mode (torch's ``jvp``).
    """

    @staticmethod
    def nested(*inputs: Any) -> Any:
        """The same in operations that torch can take a forward derivative of twice, if there is such a way."""
        raise RuntimeError(
            "forward mode over forward mode has no rule here: use torch.func.hessian, or jacfwd of jacrev"
        )


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
    levels = torch._C._functorch.get_interpreter_stack() or ()
    return sum(level.key() == torch._C._functorch.TransformType.Jvp for level in levels)
