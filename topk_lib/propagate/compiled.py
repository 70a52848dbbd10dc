"""The hot loop as machine code: what `plain` does, for processors and for GPUs.

`cpu` and `gpu` each have a class ``Run``: a network set up for a batch, which travels through it forward and
backward. Here it is made a part of autograd. `backends` decides when a run is used; nothing depends on it.
Where the way back is itself to be differentiated, torch's operations take it, from the gaps that the run has left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from ..networks import Network
from ..sigmoids import Comparator
from ..transforms import Function, is_vectorized, is_watched
from . import plain

CAUCHY, LOGISTIC, ART, GAUSSIAN, RECIPROCAL, OPTIMAL = range(6)
CODES = {
    "cauchy": CAUCHY,
    "logistic": LOGISTIC,
    "logistic_phi": ART,
    "gaussian": GAUSSIAN,
    "reciprocal": RECIPROCAL,
    "optimal": OPTIMAL,
}
"""The sigmoids that machine code knows, by the number that stands for them there; others run in plain operations."""


class Run(Protocol):
    """One network, one comparator, one batch of B samples. Scores of minus infinity are masked."""

    network: Network
    comparator: Comparator

    def forward(self, scores: Tensor, payload: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Scores (B, n), payload (C, n, B) -> the payload at the outputs, (C, k, B), and the gaps.

        The gaps b - a of all comparators and of C + 1 channels lie in an order of the run's own.
        """
        ...

    def backward(
        self, grad: Tensor, gaps: Tensor, to_scores: bool, to_payload: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        """Of grad (C, k, B): the gradients of scores (B, n) and payload (C, n, B), where they are wanted."""
        ...

    def in_order(self, gaps: Tensor) -> Tensor:
        """The gaps (or their gradients) in the order of `plain`: (C + 1, comparators, B); differentiable."""
        ...


def push(run: Run, scores: Tensor, payload: Tensor, k: int) -> Tensor:
    """`plain.push`: scores (n, B), payload (C, n, B) -> (C, k, B)."""
    return _Push.apply(run, scores.T, payload, k)[0]


def pull(run: Run, scores: Tensor, weights: Tensor, k: int) -> Tensor:
    """`plain.pull`: scores (n, B), weights (C, k, B) -> (C, n, B)."""
    return _Pull.apply(run, scores.T, weights, k)


def _plain(run: Run, k: int, like: Tensor) -> tuple[Tensor, plain.Wiring, Comparator]:
    """What torch's operations need for the same network."""
    return *plain.wired(run.network, k, like.device), run.comparator


def _is_differentiated(grad: Tensor) -> bool:
    """Whether the way back must be one that torch can follow: to differentiate it, or for many gradients at once."""
    return torch.is_grad_enabled() or is_watched() or is_vectorized(grad)


def _layers(run: Run, gaps: Tensor | None) -> Sequence[Tensor]:
    if gaps is None or not run.network.layers:
        return ()
    return run.in_order(gaps).split([len(layer) for layer in run.network.layers], 1)


class _Push(Function):
    """-> (output, gaps). The gaps count as an output, as in `plain`: so second derivatives are had from them."""

    @staticmethod
    def forward(ctx, run, scores, payload, k):
        ctx.run, ctx.k = run, k
        ctx.set_materialize_grads(False)
        output, gaps = run.forward(scores, payload, k)
        ctx.save_for_backward(gaps)
        return output, gaps

    @staticmethod
    def backward(ctx, grad: Any, of_gaps: Any):
        if grad is None and of_gaps is None:
            return None, None, None, None
        (gaps,), run = ctx.saved_tensors, ctx.run
        if grad is not None and of_gaps is None and not _is_differentiated(grad):
            return None, *run.backward(grad, gaps, *ctx.needs_input_grad[1:3]), None
        layers = _layers(run, gaps)
        if grad is None:
            grad = gaps.new_zeros(layers[0].shape[0] - 1, ctx.k, layers[0].shape[2])
        grad = torch.cat([torch.zeros_like(grad.narrow(0, 0, 1)), grad])
        state = plain.pull_back(grad, layers, *_plain(run, ctx.k, gaps), _layers(run, of_gaps))
        return None, state.select(0, 0).T, state.narrow(0, 1, state.shape[0] - 1), None


class _Pull(Function):
    @staticmethod
    def forward(ctx, run, scores, weights, k):
        ctx.run, ctx.k = run, k
        ctx.save_for_backward(scores, weights)
        nothing = weights.new_empty(0, run.network.n, scores.shape[0])
        return run.backward(weights, run.forward(scores, nothing, 0)[1], False, True)[1]

    @staticmethod
    def backward(ctx, grad):
        (scores, weights), run = ctx.saved_tensors, ctx.run
        if _is_differentiated(grad):
            how = _plain(run, ctx.k, scores)
            of_scores, of_weights = plain.gradients_of_pull(scores.T, weights, grad, *how)
            return None, of_scores.T, of_weights, None
        # as in plain: to get the gradient of a pull, push the incoming gradient as a payload
        output, gaps = run.forward(scores, grad, ctx.k)
        return None, run.backward(weights, gaps, True, False)[0], output, None
