"""The hot loop: scores travel through a comparator network and a payload rides along.

A network is a product of layer matrices P = P_L ⋯ P_1, and each layer depends only on the scores that reach it. So
To get P·u for any payload u, send u through the same soft swaps as the scores: no matrix is ever stored.

- push: scores and payload go in at the top; out come the sorted scores and P·u. With u = one-hot(y), P·u is the
  probability that class y takes rank 1, 2, … : all that the loss needs, at a cost of O(comparators), whatever k is.
- pull: row vectors w enter at the outputs and travel back; out comes w·P. With w = the identity that is P itself,
  with w = rank weights it is one probability for every class at once.

Swaps are symmetric matrices, so pulling is pushing in reverse order; and the gradient of a push is a pull plus one
term per comparator for the scores' own influence on α. Both directions are convex combinations, free of
subtraction: a probability of 1e-30 keeps all its digits.

Derivatives of any order: all that a layer needs on its way back is the gap between its two sides. The gaps are kept,
and they count as outputs: what comes back is then made of differentiable operations on tensors that autograd knows.

Layout: states have shape (channels, lanes, batch), the scores in channel 0. Before each layer the lanes are
gathered so that all minimum sides come first, then all maximum sides, then the lanes that only pass by; lanes that
no output depends on any more are left behind. So every operation works on whole contiguous blocks. Where numba is
installed, `compiled` runs the same loop as machine code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from ..caching import kept
from ..masks import masked
from ..networks import Network
from ..sigmoids import FAR, Comparator
from ..transforms import Function, run, save

Tensor = torch.Tensor
Gaps = Sequence[Tensor]
"""Per layer the gaps b - a of every channel and comparator: (channels, comparators, batch)."""


class Wiring(NamedTuple):
    """How a network's index table is cut up.

    Attributes:
        k: number of outputs.
        rows: how many lanes there are at first and after every layer.
        steps: per layer, how the gathered lanes divide: minimum sides, maximum sides, lanes passing by.
    """

    k: int
    rows: tuple[int, ...]
    steps: tuple[tuple[int, int, int], ...]


@kept
def wire(network: Network, k: int) -> tuple[np.ndarray, Wiring]:
    """The index table that leads to the top k of a network, best first (output r is lane n-1-r), and how it is cut up.

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
    wiring = Wiring(k, (network.n, *map(sum, steps)), tuple(steps))
    back = [_turned(gather, rows) for gather, rows in zip(gathers, wiring.rows, strict=True)]
    return np.concatenate([*gathers, *back]), wiring


@kept
def wired(network: Network, k: int, device: torch.device) -> tuple[Tensor, Wiring]:
    """The index table of `wire` on a device, and how it is cut up."""
    table, wiring = wire(network, k)
    return torch.as_tensor(table, device=device), wiring


def _turned(gather: np.ndarray, rows: int) -> np.ndarray:
    """The gather that undoes a gather from so many rows."""
    back = np.full(rows, len(gather))
    back[gather] = np.arange(len(gather))
    return back


def push(scores: Tensor, payload: Tensor, table: Tensor, wiring: Wiring, comparator: Comparator) -> Tensor:
    """Send scores (n, B) and payload (C, n, B) through the network; returns P·payload, shape (C, k, B).

    A score of minus infinity is masked: it loses every comparison for certain, and has no gradient.
    """
    return _payload(_push(scores, payload, table, wiring, comparator)[0])


def pull(scores: Tensor, weights: Tensor, table: Tensor, wiring: Wiring, comparator: Comparator) -> Tensor:
    """Send row vectors (C, k, B) from the outputs back to the inputs; returns weights·P as (C, n, B)."""
    return run(_Pull, scores, weights, table, wiring, comparator)


def gradients_of_pull(
    scores: Tensor, weights: Tensor, grad: Tensor, table: Tensor, wiring: Wiring, comparator: Comparator
) -> tuple[Tensor, Tensor]:
    """Of grad (C, n, B) at what a pull returns: the gradients of its scores (n, B) and weights (C, k, B).

    <grad, wᵀP> = <w, P·grad>: to get the gradient of a pull, push the incoming gradient as a payload.
    """
    output, *gaps = _push(scores, grad, table, wiring, comparator)
    weights = torch.cat([torch.zeros_like(weights.narrow(0, 0, 1)), weights])
    return _score(pull_back(weights, gaps, table, wiring, comparator)), _payload(output)


def _push(scores: Tensor, payload: Tensor, table: Tensor, wiring: Wiring, comparator: Comparator) -> tuple[Tensor, ...]:
    """The state at the outputs, (C + 1, k, B), and the gaps."""
    mask = masked(scores)
    finite, lost = (scores, None) if mask is None else (scores.masked_fill(mask, 0), mask.to(scores.dtype))
    return run(_Push, torch.cat([finite.unsqueeze(0), payload]), lost, table, wiring, comparator)


def _gathers(table: Tensor, wiring: Wiring) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """The table cut up: the gathers there, one per layer and the last, and the gathers back."""
    gathers = table.split([*wiring.rows[1:], wiring.k, *wiring.rows])
    return gathers[: len(wiring.rows)], gathers[len(wiring.rows) :]


def _mix(a: Tensor, b: Tensor, keep: Tensor, swap: Tensor) -> tuple[Tensor, Tensor]:
    return torch.addcmul(keep * a, swap, b), torch.addcmul(swap * a, keep, b)


def _score(state: Tensor) -> Tensor:
    return state.select(0, 0)


def _payload(state: Tensor) -> Tensor:
    return state.narrow(0, 1, state.shape[0] - 1)


def _forward(
    state: Tensor, lost: Tensor | None, table: Tensor, wiring: Wiring, comparator: Comparator
) -> tuple[Tensor, list[Tensor]]:
    """Push a state through all layers; also return the gaps. ``lost`` (n, B): 1 where masked, else 0."""
    (*there, last), _ = _gathers(table, wiring)
    gaps = []
    for step, gather in zip(wiring.steps, there, strict=True):
        a, b, idle = state.index_select(1, gather).split(step, 1)
        gap = b - a
        if lost is not None:
            lost_a, lost_b, lost_idle = lost.index_select(0, gather).split(step, 0)
            _score(gap).add_(lost_a - lost_b, alpha=FAR)
            lost = torch.cat([torch.maximum(lost_a, lost_b), torch.minimum(lost_a, lost_b), lost_idle])
        state = torch.cat([*_mix(a, b, *comparator.weights(_score(gap))), idle], 1)
        gaps.append(gap)
    return state.index_select(1, last), gaps


def pull_back(
    grad: Tensor,
    gaps: Gaps,
    table: Tensor,
    wiring: Wiring,
    comparator: Comparator,
    of_gaps: Gaps = (),
    score_channel: bool = True,
) -> Tensor:
    """Pull a state's gradient, (C, k, B) at the outputs, back through all layers: (C, n, B).

    Each comparator adds a term to the gradient of its scores, unless there is no ``score_channel``. ``of_gaps`` are the
    gradients of the gaps themselves, if they have any.
    """
    *back, last = _gathers(table, wiring)[1]
    grad, terms = _turn(grad, last), of_gaps or (None,) * len(gaps)
    for step, gap, of_gap, gather in zip(*map(reversed, (wiring.steps, gaps, terms, back)), strict=True):
        a, b, idle = grad.split(step, 1)
        low, high = _mix(a, b, *comparator.weights(_score(gap)))
        if score_channel:
            # gap times slope is bounded, however far apart; other orders overflow beside a score of -1e38
            term = ((b - a) * (gap * comparator.slope(_score(gap)))).sum(0)
            _score(low).sub_(term)
            _score(high).add_(term)
        if of_gap is not None:
            low, high = low - of_gap, high + of_gap
        grad = _turn(torch.cat([low, high, idle], 1), gather)
    return grad


def _turn(grad: Tensor, gather: Tensor) -> Tensor:
    """A gather turned around; a row of zeros stands ready for lanes that were left behind."""
    if gather.shape[0] > grad.shape[1]:
        grad = torch.nn.functional.pad(grad, (0, 0, 0, 1))
    return grad.index_select(1, gather)


def _forward_tangent(
    tangent: Tensor, gaps: Gaps, table: Tensor, wiring: Wiring, comparator: Comparator
) -> tuple[Tensor, list[Tensor]]:
    """The tangents of a state and of its gaps on their way through all layers."""
    (*there, last), _ = _gathers(table, wiring)
    of_gaps = []
    for step, gap, gather in zip(wiring.steps, gaps, there, strict=True):
        a, b, idle = tangent.index_select(1, gather).split(step, 1)
        low, high = _mix(a, b, *comparator.weights(_score(gap)))
        change = gap * comparator.slope(_score(gap)) * _score(b - a)
        tangent = torch.cat([low - change, high + change, idle], 1)
        of_gaps.append(b - a)
    return tangent.index_select(1, last), of_gaps


def _backward_tangent(
    weights: Tensor, tangent: Tensor, gaps: Gaps, of_gaps: Gaps, table: Tensor, wiring: Wiring, comparator: Comparator
) -> Tensor:
    """The tangent of a pull: that of the weights is pulled, and every comparator adds what its α changes."""
    *back, last = _gathers(table, wiring)[1]
    weights, tangent = _turn(weights, last), _turn(tangent, last)
    for step, gap, of_gap, gather in zip(*map(reversed, (wiring.steps, gaps, of_gaps, back)), strict=True):
        a, b, idle = weights.split(step, 1)
        tangent_a, tangent_b, tangent_idle = tangent.split(step, 1)
        mixing = comparator.weights(_score(gap))
        change = comparator.slope(_score(gap)) * _score(of_gap) * (b - a)
        low, high = _mix(tangent_a, tangent_b, *mixing)
        weights = _turn(torch.cat([*_mix(a, b, *mixing), idle], 1), gather)
        tangent = _turn(torch.cat([low - change, high + change, tangent_idle], 1), gather)
    return tangent


def _fold(tensor: Tensor | None, dim: int | None, size: int) -> Tensor | None:
    """Merge a dimension mapped by vmap (absent if None) into the batch, which comes last."""
    if tensor is None:
        return None
    tensor = tensor.unsqueeze(-2) if dim is None else tensor.movedim(dim, -2)
    return tensor.expand(*tensor.shape[:-2], size, tensor.shape[-1]).flatten(-2)


def _zeros(tangent: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if tangent is None else tangent


class _Push(Function):
    """(state, lost, …) -> (output, *gaps): the gaps count as outputs, so that what is made of them has a gradient."""

    @staticmethod
    def forward(state, lost, table, wiring, comparator):
        output, gaps = _forward(state, lost, table, wiring, comparator)
        return (output, *gaps)

    nested = forward

    @staticmethod
    def setup_context(ctx, inputs, outputs):
        _, _, table, ctx.wiring, ctx.comparator = inputs
        save(ctx, table, *outputs[1:])
        if torch.compiler.is_compiling():  # which knows no second derivatives
            ctx.mark_non_differentiable(*outputs[1:])
        else:
            ctx.set_materialize_grads(False)

    @staticmethod
    def vmap(info, in_dims, state, lost, table, wiring, comparator):
        size = info.batch_size
        state, lost = _fold(state, in_dims[0], size), _fold(lost, in_dims[1], size)
        outputs = run(_Push, state, lost, table, wiring, comparator)
        return tuple(t.unflatten(-1, (size, -1)) for t in outputs), (2,) * len(outputs)

    @staticmethod
    def backward(ctx, grad, *of_gaps):
        table, *gaps = ctx.saved_tensors
        if grad is None and not gaps:
            return None, None, None, None, None
        if grad is None:
            shape = (gaps[0].shape[0], ctx.wiring.k, gaps[0].shape[2])
            grad = gaps[0].new_zeros(shape)
        if torch.compiler.is_compiling():
            of_gaps = ()
        return pull_back(grad, gaps, table, ctx.wiring, ctx.comparator, of_gaps), None, None, None, None

    @staticmethod
    def tangent(ctx, tangent, *_):
        table, *gaps = ctx.saved_tensors
        output, of_gaps = _forward_tangent(tangent, gaps, table, ctx.wiring, ctx.comparator)
        return (output, *of_gaps)


class _Pull(Function):
    @staticmethod
    def forward(scores, weights, table, wiring, comparator):
        _, *gaps = _push(scores, scores.new_empty(0, *scores.shape), table, wiring, comparator)
        return pull_back(weights, gaps, table, wiring, comparator, score_channel=False)

    nested = forward

    @staticmethod
    def setup_context(ctx, inputs, output):
        scores, weights, table, ctx.wiring, ctx.comparator = inputs
        save(ctx, scores, weights, table)

    @staticmethod
    def vmap(info, in_dims, scores, weights, table, wiring, comparator):
        size = info.batch_size
        scores = _fold(scores, in_dims[0], size)
        weights = _fold(weights, in_dims[1], size)
        return run(_Pull, scores, weights, table, wiring, comparator).unflatten(-1, (size, -1)), 2

    @staticmethod
    def backward(ctx, grad):
        scores, weights, table = ctx.saved_tensors
        return *gradients_of_pull(scores, weights, grad, table, ctx.wiring, ctx.comparator), None, None, None

    @staticmethod
    def tangent(ctx, of_scores, of_weights, *_):
        scores, weights, table = ctx.saved_tensors
        how = table, ctx.wiring, ctx.comparator
        _, *gaps = _push(scores, scores.new_empty(0, *scores.shape), *how)
        _, of_gaps = _forward_tangent(_zeros(of_scores, scores).unsqueeze(0), gaps, *how)
        return _backward_tangent(weights, _zeros(of_weights, weights), gaps, of_gaps, *how)
