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

Layout: states have shape (lanes, channels, batch), the scores in channel 0. Before each layer the lanes are
gathered so that all minimum sides come first, then all maximum sides, then the lanes that only pass by; lanes that
no output depends on any more are left behind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from .networks import Network
from .sigmoids import Comparator

Tensor = torch.Tensor


class Route(NamedTuple):
    """Index table of a network: ``order`` concatenates one gather per layer and a last one for the outputs.

    ``steps`` holds, per layer, how the gathered lanes divide: minimum sides, maximum sides, lanes passing by.
    """

    order: list[int]
    steps: tuple[tuple[int, int, int], ...]


def route(network: Network, k: int) -> Route:
    """The route to the top k of a network, best first: output r is lane n-1-r."""
    live = np.zeros(network.n, bool)
    live[network.n - k :] = True
    passing = []
    for layer in reversed(network.layers):
        idle = live.copy()
        idle[layer] = False
        passing.append(np.flatnonzero(idle))
        live[layer] = True
    position = np.arange(network.n)
    orders, steps = [], []
    for layer, idle in zip(network.layers, reversed(passing), strict=True):
        lanes = np.concatenate([layer[:, 0], layer[:, 1], idle])
        orders.append(position[lanes])
        steps.append((len(layer), len(layer), len(idle)))
        position[lanes] = np.arange(len(lanes))
    orders.append(position[network.n - 1 - np.arange(k)])
    return Route(np.concatenate(orders).tolist(), tuple(steps))


def push(scores: Tensor, payload: Tensor, order: Tensor, steps, comparator: Comparator) -> Tensor:
    """Send scores (n, B) and payload (n, C, B) through the network; returns P·payload, shape (k, C, B)."""
    state = torch.cat([scores.unsqueeze(1), payload], dim=1)
    return _payload(_Push.apply(state, order, steps, comparator)[0])


def pull(scores: Tensor, weights: Tensor, order: Tensor, steps, comparator: Comparator) -> Tensor:
    """Send row vectors (k, C, B) from the outputs back to the inputs; returns weightsᵀ·P as (n, C, B)."""
    return _Pull.apply(scores, weights, order, steps, comparator)


def _mix(a: Tensor, b: Tensor, keep: Tensor, swap: Tensor) -> tuple[Tensor, Tensor]:
    return torch.addcmul(keep * a, swap, b), torch.addcmul(swap * a, keep, b)


def _orders(order: Tensor, steps) -> tuple[Tensor, ...]:
    rows = [sum(step) for step in steps]
    return order.split([*rows, order.shape[0] - sum(rows)])


def _score(state: Tensor) -> Tensor:
    return state.narrow(1, 0, 1)


def _payload(state: Tensor) -> Tensor:
    return state.narrow(1, 1, state.shape[1] - 1)


def _forward(state: Tensor, order: Tensor, steps, comparator: Comparator) -> tuple[Tensor, list[Tensor]]:
    """Push a state through all layers; also return the gap b - a of every comparator and channel, per layer."""
    *orders, last = _orders(order, steps)
    gaps = []
    for step, gather in zip(steps, orders, strict=True):
        a, b, idle = state.index_select(0, gather).split(step)
        gap = b - a
        state = torch.cat([*_mix(a, b, *comparator.weights(_score(gap))), idle])
        gaps.append(gap)
    return state.index_select(0, last), gaps


def _backward(
    grad: Tensor, gaps, order: Tensor, steps, lanes: int, comparator: Comparator, score_channel: bool = True
) -> Tensor:
    """Pull a state's gradient back through all layers; ``score_channel`` adds each comparator's own term."""
    *orders, last = _orders(order, steps)
    rows = [lanes, *map(sum, steps)]
    grad = _scatter(grad, last, rows[-1])
    for i in reversed(range(len(steps))):
        a, b, idle = grad.split(steps[i])
        gap = gaps[i]
        low, high = _mix(a, b, *comparator.weights(_score(gap)))
        if score_channel:
            term = ((b - a) * gap).sum(1, keepdim=True) * comparator.slope(_score(gap))
            _score(low).sub_(term)
            _score(high).add_(term)
        grad = _scatter(torch.cat([low, high, idle]), orders[i], rows[i])
    return grad


def _scatter(rows: Tensor, positions: Tensor, lanes: int) -> Tensor:
    """The transpose of a gather: row i goes to positions[i], lanes left behind get zero."""
    return rows.new_zeros(lanes, *rows.shape[1:]).index_copy(0, positions, rows)


def _fold(tensor: Tensor, dim: int | None, size: int) -> Tensor:
    """Merge a dimension mapped by vmap (absent if None) into the batch, which comes last."""
    tensor = tensor.unsqueeze(-2) if dim is None else tensor.movedim(dim, -2)
    return tensor.expand(*tensor.shape[:-2], size, tensor.shape[-1]).flatten(-2)


class _Push(torch.autograd.Function):
    @staticmethod
    def forward(state, order, steps, comparator):
        output, gaps = _forward(state, order, steps, comparator)
        return (output, *gaps)

    @staticmethod
    def setup_context(ctx, inputs, outputs):
        state, order, ctx.steps, ctx.comparator = inputs
        ctx.lanes = state.shape[0]
        ctx.mark_non_differentiable(*outputs[1:])
        ctx.save_for_backward(order, *outputs[1:])

    @staticmethod
    def vmap(info, in_dims, state, order, steps, comparator):
        outputs = _Push.apply(_fold(state, in_dims[0], info.batch_size), order, steps, comparator)
        return tuple(t.unflatten(-1, (info.batch_size, -1)) for t in outputs), (2,) * len(outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad, *_):
        order, *gaps = ctx.saved_tensors
        return _backward(grad, gaps, order, ctx.steps, ctx.lanes, ctx.comparator), None, None, None


class _Pull(torch.autograd.Function):
    @staticmethod
    def forward(scores, weights, order, steps, comparator):
        _, gaps = _forward(scores.unsqueeze(1), order, steps, comparator)
        return _backward(weights, gaps, order, steps, scores.shape[0], comparator, score_channel=False)

    @staticmethod
    def setup_context(ctx, inputs, output):
        scores, weights, order, ctx.steps, ctx.comparator = inputs
        ctx.save_for_backward(scores, weights, order)

    @staticmethod
    def vmap(info, in_dims, scores, weights, order, steps, comparator):
        size = info.batch_size
        scores = _fold(scores, in_dims[0], size)
        weights = _fold(weights, in_dims[1], size)
        return _Pull.apply(scores, weights, order, steps, comparator).unflatten(-1, (size, -1)), 2

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        # <grad, wᵀP> = <w, P·grad>: the gradient of a pull is had by pushing the incoming gradient as a payload
        scores, weights, order = ctx.saved_tensors
        state = torch.cat([scores.unsqueeze(1), grad], dim=1)
        output, gaps = _forward(state, order, ctx.steps, ctx.comparator)
        weights = torch.cat([torch.zeros_like(_score(weights)), weights], dim=1)
        back = _backward(weights, gaps, order, ctx.steps, scores.shape[0], ctx.comparator)
        return _score(back).squeeze(1), _payload(output), None, None, None
