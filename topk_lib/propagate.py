"""The hot loop: scores travel through a comparator network and a payload rides along.

A network is a product of layer matrices P = P_L ⋯ P_1, and each layer depends only on the scores that reach it. So
P·u for any payload u is had by sending u through the same soft swaps as the scores: no matrix is ever stored.

- push: scores and payload go in at the top; out come the sorted scores and P·u. With u = one-hot(y), P·u is the
  chance that class y takes rank 1, 2, … : all that the loss needs, at a cost of O(comparators), whatever k is.
- pull: row vectors w enter at the outputs and travel back; out comes w·P. With w = the identity that is P itself,
  with w = rank weights it is one probability for every class at once.

Swaps are symmetric matrices, so pulling is pushing in reverse order; and the gradient of a push is a pull plus one
term per comparator for the scores' own influence on α. Both directions are convex combinations, free of
subtraction: a probability of 1e-30 keeps all its digits.

Layout: states have shape (channels, lanes, batch), the scores in channel 0. Before each layer the lanes are
gathered so that all minimum sides come first, then all maximum sides, then the lanes that only pass by; lanes that
no output depends on any more are left behind. So every operation works on whole contiguous blocks. Where numba is
installed, `compiled` runs the same loop as machine code.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from .networks import Network
from .sigmoids import Comparator

Tensor = torch.Tensor


class Plan(NamedTuple):
    """The sizes of a network's index table.

    Attributes:
        k: number of outputs.
        rows: how many lanes there are at first and after every layer.
        steps: per layer, how the gathered lanes divide: minimum sides, maximum sides, lanes passing by.
    """

    k: int
    rows: tuple[int, ...]
    steps: tuple[tuple[int, int, int], ...]


def route(network: Network, k: int) -> tuple[np.ndarray, Plan]:
    """The index table that leads to the top k of a network, best first (output r is lane n-1-r), and its sizes.

    The table holds all gathers in a row: one per layer and one for the outputs, then the same ones turned around,
    which is how a gradient travels. Turned around, a lane left behind reads the row past the end, a zero.
    """
    live = np.zeros(network.n, bool)
    live[network.n - k :] = True
    passing = []
    for layer in reversed(network.layers):
        idle = live.copy()
        idle[layer] = False
        passing.append(np.flatnonzero(idle))
        live[layer] = True
    position = np.arange(network.n)
    gathers, steps = [], []
    for layer, idle in zip(network.layers, reversed(passing), strict=True):
        lanes = np.concatenate([layer[:, 0], layer[:, 1], idle])
        gathers.append(position[lanes])
        steps.append((len(layer), len(layer), len(idle)))
        position[lanes] = np.arange(len(lanes))
    gathers.append(position[network.n - 1 - np.arange(k)])
    plan = Plan(k, (network.n, *map(sum, steps)), tuple(steps))
    back = [_turned(gather, rows) for gather, rows in zip(gathers, plan.rows, strict=True)]
    return np.concatenate([*gathers, *back]), plan


def _turned(gather: np.ndarray, rows: int) -> np.ndarray:
    """The gather that undoes a gather from so many rows."""
    back = np.full(rows, len(gather))
    back[gather] = np.arange(len(gather))
    return back


def push(scores: Tensor, payload: Tensor, table: Tensor, plan: Plan, comparator: Comparator) -> Tensor:
    """Send scores (n, B) and payload (C, n, B) through the network; returns P·payload, shape (C, k, B)."""
    state = torch.cat([scores.unsqueeze(0), payload])
    return _payload(_Push.apply(state, table, plan, comparator)[0])


def pull(scores: Tensor, weights: Tensor, table: Tensor, plan: Plan, comparator: Comparator) -> Tensor:
    """Send row vectors (C, k, B) from the outputs back to the inputs; returns weights·P as (C, n, B)."""
    return _Pull.apply(scores, weights, table, plan, comparator)


def _gathers(table: Tensor, plan: Plan) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """The table cut up: the gathers there, one per layer and the last, and the gathers back."""
    gathers = table.split([*plan.rows[1:], plan.k, *plan.rows])
    return gathers[: len(plan.rows)], gathers[len(plan.rows) :]


def _mix(a: Tensor, b: Tensor, keep: Tensor, swap: Tensor) -> tuple[Tensor, Tensor]:
    return torch.addcmul(keep * a, swap, b), torch.addcmul(swap * a, keep, b)


def _score(state: Tensor) -> Tensor:
    return state.select(0, 0)


def _payload(state: Tensor) -> Tensor:
    return state.narrow(0, 1, state.shape[0] - 1)


def _forward(state: Tensor, table: Tensor, plan: Plan, comparator: Comparator) -> tuple[Tensor, list[Tensor]]:
    """Push a state through all layers; also return the gap b - a of every channel and comparator, per layer."""
    (*there, last), _ = _gathers(table, plan)
    gaps = []
    for step, gather in zip(plan.steps, there, strict=True):
        a, b, idle = state.index_select(1, gather).split(step, 1)
        gap = b - a
        state = torch.cat([*_mix(a, b, *comparator.weights(_score(gap))), idle], 1)
        gaps.append(gap)
    return state.index_select(1, last), gaps


def _backward(
    grad: Tensor, gaps, table: Tensor, plan: Plan, comparator: Comparator, score_channel: bool = True
) -> Tensor:
    """Pull a state's gradient back through all layers; ``score_channel`` adds each comparator's own term."""
    *back, last = _gathers(table, plan)[1]
    grad = _turn(grad, last)
    for step, gap, gather in zip(reversed(plan.steps), reversed(gaps), reversed(back), strict=True):
        a, b, idle = grad.split(step, 1)
        low, high = _mix(a, b, *comparator.weights(_score(gap)))
        if score_channel:
            term = ((b - a) * gap).sum(0) * comparator.slope(_score(gap))
            _score(low).sub_(term)
            _score(high).add_(term)
        grad = _turn(torch.cat([low, high, idle], 1), gather)
    return grad


def _turn(grad: Tensor, gather: Tensor) -> Tensor:
    """A gather turned around; a row of zeros stands ready for lanes that were left behind."""
    if gather.shape[0] > grad.shape[1]:
        grad = torch.nn.functional.pad(grad, (0, 0, 0, 1))
    return grad.index_select(1, gather)


def _fold(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """Merge a dimension mapped by vmap (absent if None) into the batch, which comes last."""
    tensor = tensor.unsqueeze(-2) if dim is None else tensor.movedim(dim, -2)
    return tensor.expand(*tensor.shape[:-2], size, tensor.shape[-1]).flatten(-2)


class _Push(torch.autograd.Function):
    @staticmethod
    def forward(state, table, plan, comparator):
        output, gaps = _forward(state, table, plan, comparator)
        return (output, *gaps)

    @staticmethod
    def setup_context(ctx, inputs, outputs):
        _, table, ctx.plan, ctx.comparator = inputs
        ctx.mark_non_differentiable(*outputs[1:])
        ctx.save_for_backward(table, *outputs[1:])

    @staticmethod
    def vmap(info, in_dims, state, table, plan, comparator):
        outputs = _Push.apply(_fold(state, in_dims[0], info.batch_size), table, plan, comparator)
        return tuple(t.unflatten(-1, (info.batch_size, -1)) for t in outputs), (2,) * len(outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad, *_):
        table, *gaps = ctx.saved_tensors
        return _backward(grad, gaps, table, ctx.plan, ctx.comparator), None, None, None


class _Pull(torch.autograd.Function):
    @staticmethod
    def forward(scores, weights, table, plan, comparator):
        _, gaps = _forward(scores.unsqueeze(0), table, plan, comparator)
        return _backward(weights, gaps, table, plan, comparator, score_channel=False)

    @staticmethod
    def setup_context(ctx, inputs, output):
        scores, weights, table, ctx.plan, ctx.comparator = inputs
        ctx.save_for_backward(scores, weights, table)

    @staticmethod
    def vmap(info, in_dims, scores, weights, table, plan, comparator):
        size = info.batch_size
        scores = _fold(scores, in_dims[0], size)
        weights = _fold(weights, in_dims[1], size)
        return _Pull.apply(scores, weights, table, plan, comparator).unflatten(-1, (size, -1)), 2

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        # <grad, wᵀP> = <w, P·grad>: the gradient of a pull is had by pushing the incoming gradient as a payload
        scores, weights, table = ctx.saved_tensors
        state = torch.cat([scores.unsqueeze(0), grad])
        output, gaps = _forward(state, table, ctx.plan, ctx.comparator)
        weights = torch.cat([torch.zeros_like(weights.narrow(0, 0, 1)), weights])
        back = _backward(weights, gaps, table, ctx.plan, ctx.comparator)
        return _score(back), _payload(output), None, None, None
