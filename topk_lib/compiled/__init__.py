"""The hot loop as machine code: what `topk_lib.propagate` does, for processors and for GPUs.

`cpu` and `gpu` each have a class ``Run``: a network set up for a batch, which travels through it forward and
backward. Here it is made a part of autograd. `topk_lib.backends` decides when a run is used; nothing depends on it.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..networks import Network

CODES = {"cauchy": 0, "logistic": 1, "logistic_phi": 2, "gaussian": 3, "reciprocal": 4, "optimal": 5}
"""The sigmoids that machine code knows, by the number that stands for them there."""


class Run(Protocol):
    """One network, one comparator, one batch of B samples."""

    network: Network

    def forward(self, scores: Tensor, payload: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Scores (B, n), payload (C, n, B) -> the payload at the outputs, (C, k, B), and the gaps.

        The gaps b - a of all comparators and of C + 1 channels lie in an order of the run's own.
        """

    def backward(
        self, grad: Tensor, gaps: Tensor, to_scores: bool, to_payload: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        """Of grad (C, k, B): the gradients of scores (B, n) and payload (C, n, B), where they are wanted."""


def push(run: Run, scores: Tensor, payload: Tensor, k: int) -> Tensor:
    """`topk_lib.propagate.push`: scores (n, B), payload (C, n, B) -> (C, k, B)."""
    return _Push.apply(run, scores.T, payload, k)


def pull(run: Run, scores: Tensor, weights: Tensor, k: int) -> Tensor:
    """`topk_lib.propagate.pull`: scores (n, B), weights (C, k, B) -> (C, n, B)."""
    return _Pull.apply(run, scores.T, weights, k)


class _Push(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run, scores, payload, k):
        ctx.run = run
        output, gaps = run.forward(scores, payload, k)
        ctx.save_for_backward(gaps)
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        (gaps,) = ctx.saved_tensors
        return None, *ctx.run.backward(grad, gaps, *ctx.needs_input_grad[1:3]), None


class _Pull(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run, scores, weights, k):
        ctx.run, ctx.k = run, k
        ctx.save_for_backward(scores, weights)
        nothing = weights.new_empty(0, run.network.n, scores.shape[0])
        return run.backward(weights, run.forward(scores, nothing, 0)[1], False, True)[1]

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        # as in propagate: the gradient of a pull is had by pushing the incoming gradient as a payload
        scores, weights = ctx.saved_tensors
        output, gaps = ctx.run.forward(scores, grad, ctx.k)
        return None, ctx.run.backward(weights, gaps, True, False)[0], output, None
