"""The hot loop as machine code: what `propagate` does, comparator by comparator, compiled by numba.

A block of the batch goes through the whole network while it lies in the processor's cache; blocks are shared among
torch's number of threads. Every comparator makes a few short passes over the block, each of them simple enough to
be done for many samples at once: that is why, in float32, atan and exp are polynomials. In float64 they are the C
library's. `topk_lib.backends` decides when this file is used; nothing depends on it.

The first call compiles for a few seconds; the result is kept on disk for the next process.
"""

from __future__ import annotations

import functools
import math
import os
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import torch
from torch.autograd.function import once_differentiable

from .networks import Network
from .sigmoids import TIE_ZONE, Comparator

Tensor = torch.Tensor

CODES = {"cauchy": 0, "logistic": 1, "logistic_phi": 2, "gaussian": 3, "reciprocal": 4, "optimal": 5}
"""The sigmoids that are known here, by the number that stands for them in compiled code."""
BLOCK = 128
"""Samples that travel together."""
WORTH_A_THREAD = 2**16
"""Comparators times samples that keep a further thread busy for longer than it takes to start it."""
TERMS = 9
"""Terms of the polynomials; their relative error is below 4e-8, half a unit in the last place of float32."""
SMALLEST = 150
"""2^-SMALLEST is zero in float32."""


def _compile(function):
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder in which the machine code could be kept
        return numba.njit(**options)(function)


# ---- one comparator, for a block of samples ----


@_compile
def _polynomial(coefficients, v, out):
    for t in range(len(v)):
        p = coefficients[0]
        for i in range(1, TERMS):
            p = p * v[t] + coefficients[i]
        out[t] = p


@_compile
def _arctan_of_inverse(v, tables, out, spare):
    """atan(1/v) for v >= 0: atan itself is taken of the smaller of v and 1/v."""
    one, right_angle = v.dtype.type(1), v.dtype.type(math.pi / 2)
    if v.itemsize == 8:
        for t in range(len(v)):
            out[t] = math.atan2(one, v[t])
        return
    for t in range(len(v)):
        z = one / v[t] if v[t] > one else v[t]
        spare[t] = z * z
    _polynomial(tables[0], spare, out)
    for t in range(len(v)):
        z = one / v[t] if v[t] > one else v[t]
        out[t] = out[t] * z if v[t] > one else right_angle - out[t] * z


@_compile
def _exp_of_minus(v, tables, out, spare):
    """exp(-v) for v >= 0, as a power of two times exp(r) with |r| < log(2) / 2."""
    if v.itemsize == 8:
        for t in range(len(v)):
            out[t] = math.exp(-v[t])
        return
    to_bits, half, limit = v.dtype.type(1 / math.log(2)), v.dtype.type(0.5), v.dtype.type(SMALLEST)
    coarse = v.dtype.type(round(math.log(2) * 512) / 512)
    fine = v.dtype.type(math.log(2) - round(math.log(2) * 512) / 512)
    for t in range(len(v)):
        bits = v[t] * to_bits + half
        whole = v.dtype.type(int(bits if bits < limit else limit))
        spare[t] = whole * coarse - v[t] + whole * fine
    _polynomial(tables[1], spare, out)
    for t in range(len(v)):
        bits = v[t] * to_bits + half
        out[t] = out[t] * tables[2, int(bits if bits < limit else limit)] if bits < limit else bits - bits


@_compile
def _swap_chance(code, distance, beta, art, tables, tail, slope, spare):
    """Of distances |d|, overwritten by β·φ(|d|): the smaller weight f(-β φ(|d|)) and the slope dα/dd."""
    v, one, half = distance, beta.dtype.type(1), beta.dtype.type(0.5)
    for t in range(len(v)):
        slope[t] = beta[0]
    if code == 2:
        _replace(v, art, slope)
    for t in range(len(v)):
        v[t] *= beta[0]
    if code == 0:
        scale = v.dtype.type(1 / math.pi)
        _arctan_of_inverse(v, tables, tail, spare)
        for t in range(len(v)):
            tail[t] *= scale
            slope[t] *= scale / (one + v[t] * v[t])
    elif code == 1 or code == 2:
        _exp_of_minus(v, tables, tail, spare)
        for t in range(len(v)):
            tail[t] /= one + tail[t]
            slope[t] *= tail[t] * (one - tail[t])
    elif code == 3:
        root, scale = v.dtype.type(math.sqrt(0.5)), v.dtype.type(1 / math.sqrt(2 * math.pi))
        for t in range(len(v)):
            tail[t] = half * math.erfc(v[t] * root)
            slope[t] *= scale * math.exp(-half * v[t] * v[t])
    elif code == 4:
        for t in range(len(v)):
            tail[t] = one / (one + one + v[t])
            slope[t] *= tail[t] * tail[t]
    else:
        quarter = half * half
        for t in range(len(v)):
            far = v[t] if v[t] > quarter else quarter
            steep = quarter * quarter / (far * far)
            tail[t] = half - v[t] if v[t] <= quarter else steep * far
            slope[t] *= steep


@_compile
def _replace(distance, art, slope):
    """ART: distances become φ(d), and the slopes are multiplied by φ'(d); see `Comparator`."""
    lam, zone, at_edge = art[0], art[1], art[2]
    one, half = art.dtype.type(1), art.dtype.type(0.5)
    for t in range(len(distance)):
        d = distance[t]
        r = d / zone
        if r < one:
            slope[t] *= at_edge * (one + half * lam - (one + half) * lam * r * r)
            distance[t] = d * at_edge * (one + half * lam - half * lam * r * r)
        else:
            power = d**-lam
            slope[t] *= (one - lam) * power
            distance[t] = d * power


@_compile
def _weights(gap, tail, keep, swap):
    """keep = α(d) and swap = 1 - α(d) of signed gaps."""
    zero, one = gap.dtype.type(0), gap.dtype.type(1)
    for t in range(len(gap)):
        small, large = tail[t], one - tail[t]
        keep[t] = small if gap[t] < zero else large
        swap[t] = large if gap[t] < zero else small


@_compile
def _mix(a, b, keep, swap):
    for t in range(len(a)):
        u, v = a[t], b[t]
        a[t] = keep[t] * u + swap[t] * v
        b[t] = swap[t] * u + keep[t] * v


# ---- a network, for a share of the batch ----


@_compile
def _forward(code, beta, art, tables, pairs, scores, payload, gaps, output, start, stop, block):
    """scores (B, n), payload (C, n, B) -> gaps (comparators, C + 1, B), output (C, k, B), for start <= sample < stop."""
    channels, n, _ = payload.shape
    scratch, state = np.empty((6, block), beta.dtype), np.empty((channels + 1, n, block), beta.dtype)
    for first in range(start, stop, block):
        width = min(block, stop - first)
        distance, tail, slope = scratch[0, :width], scratch[1, :width], scratch[2, :width]
        keep, swap, spare = scratch[3, :width], scratch[4, :width], scratch[5, :width]
        state[0, :, :width] = scores[first : first + width].T
        state[1:, :, :width] = payload[:, :, first : first + width]
        for p in range(len(pairs)):
            low, high = pairs[p, 0], pairs[p, 1]
            for c in range(channels + 1):
                a, b, gap = state[c, low, :width], state[c, high, :width], gaps[p, c, first : first + width]
                for t in range(width):
                    gap[t] = b[t] - a[t]
            gap = gaps[p, 0, first : first + width]
            for t in range(width):
                distance[t] = abs(gap[t])
            _swap_chance(code, distance, beta, art, tables, tail, slope, spare)
            _weights(gap, tail, keep, swap)
            for c in range(channels + 1):
                _mix(state[c, low, :width], state[c, high, :width], keep, swap)
        for r in range(output.shape[1]):
            output[:, r, first : first + width] = state[1:, n - 1 - r, :width]


@_compile
def _backward(code, beta, art, tables, pairs, grad, gaps, for_scores, for_payload, start, stop, block):
    """grad (C, k, B) at the outputs -> for_scores (B, n) and for_payload (C, n, B); an empty array is left alone."""
    n = max(for_scores.shape[1], for_payload.shape[1])
    own = 1 if for_scores.size else 0  # channel 0 belongs to the scores: every comparator adds a term to it
    channels = own + grad.shape[0]
    scratch, state = np.empty((7, block), beta.dtype), np.empty((channels, n, block), beta.dtype)
    for first in range(start, stop, block):
        width = min(block, stop - first)
        distance, tail, slope = scratch[0, :width], scratch[1, :width], scratch[2, :width]
        keep, swap, spare, term = scratch[3, :width], scratch[4, :width], scratch[5, :width], scratch[6, :width]
        state[:] = 0
        for r in range(grad.shape[1]):
            state[own:, n - 1 - r, :width] = grad[:, r, first : first + width]
        for p in range(len(pairs) - 1, -1, -1):
            low, high = pairs[p, 0], pairs[p, 1]
            gap = gaps[p, 0, first : first + width]
            for t in range(width):
                distance[t] = abs(gap[t])
            _swap_chance(code, distance, beta, art, tables, tail, slope, spare)
            term[:] = 0
            for c in range(channels if own else 0):
                a, b, gap = state[c, low, :width], state[c, high, :width], gaps[p, c, first : first + width]
                for t in range(width):
                    term[t] += (b[t] - a[t]) * gap[t]
            _weights(gaps[p, 0, first : first + width], tail, keep, swap)
            for c in range(channels):
                _mix(state[c, low, :width], state[c, high, :width], keep, swap)
            if own:
                a, b = state[0, low, :width], state[0, high, :width]
                for t in range(width):
                    a[t] -= term[t] * slope[t]
                    b[t] += term[t] * slope[t]
        if own:
            for_scores[first : first + width] = state[0, :, :width].T
        if for_payload.size:
            for_payload[:, :, first : first + width] = state[own:, :, :width]


# ---- the rest of the library sees two functions of tensors ----


def push(scores: Tensor, payload: Tensor, network: Network, k: int, comparator: Comparator) -> Tensor:
    """`topk_lib.propagate.push`: scores (n, B), payload (C, n, B) -> (C, k, B)."""
    return _Push.apply(scores.T, payload, network, k, comparator)


def pull(scores: Tensor, weights: Tensor, network: Network, k: int, comparator: Comparator) -> Tensor:
    """`topk_lib.propagate.pull`: scores (n, B), weights (C, k, B) -> (C, n, B)."""
    return _Pull.apply(scores.T, weights, network, comparator)


class _Push(torch.autograd.Function):
    @staticmethod
    def forward(ctx, scores, payload, network, k, comparator):
        output, gaps = _run_forward(scores, payload, network, k, comparator)
        ctx.network, ctx.comparator = network, comparator
        ctx.save_for_backward(gaps)
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        (gaps,) = ctx.saved_tensors
        return *_run_backward(grad, gaps, ctx.network, ctx.comparator, *ctx.needs_input_grad[:2]), None, None, None


class _Pull(torch.autograd.Function):
    @staticmethod
    def forward(ctx, scores, weights, network, comparator):
        _, gaps = _run_forward(scores, weights.new_empty(0, network.n, weights.shape[2]), network, 0, comparator)
        ctx.network, ctx.comparator = network, comparator
        ctx.save_for_backward(scores, weights)
        return _run_backward(weights, gaps, network, comparator, False, True)[1]

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        # as in propagate: the gradient of a pull is had by pushing the incoming gradient as a payload
        scores, weights = ctx.saved_tensors
        output, gaps = _run_forward(scores, grad, ctx.network, weights.shape[1], ctx.comparator)
        return _run_backward(weights, gaps, ctx.network, ctx.comparator, True, False)[0], output, None, None


def _run_forward(scores, payload, network: Network, k: int, comparator: Comparator) -> tuple[Tensor, Tensor]:
    """Of scores (B, n): the payload at the outputs, (C, k, B), and the gaps, (comparators, C + 1, B)."""
    channels, _, batch = payload.shape
    gaps = scores.new_empty(network.size, channels + 1, batch)
    output = scores.new_empty(channels, k, batch)
    _share_out(_forward, network, comparator, batch, channels + 1, scores, payload, gaps, output)
    return output, gaps


def _run_backward(
    grad, gaps, network: Network, comparator: Comparator, to_scores: bool, to_payload: bool
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of scores (B, n) and payload (C, n, B), where they are wanted."""
    channels, _, batch = grad.shape
    for_scores = grad.new_empty((batch, network.n) if to_scores else (0, 0))
    for_payload = grad.new_empty((channels, network.n, batch) if to_payload else (0, 0, 0))
    _share_out(_backward, network, comparator, batch, channels + to_scores, grad, gaps, for_scores, for_payload)
    return for_scores if to_scores else None, for_payload if to_payload else None


def _share_out(kernel, network: Network, comparator: Comparator, batch: int, channels: int, *tensors: Tensor) -> None:
    """Run a kernel on the whole batch, in as many threads as there is work for."""
    arrays = [tensor.detach().contiguous().numpy() for tensor in tensors]
    dtype = arrays[0].dtype
    fixed = (CODES[comparator.distribution], *_constants(comparator, dtype), _tables(dtype), _pairs(network), *arrays)
    threads = max(1, min(torch.get_num_threads(), network.size * batch // WORTH_A_THREAD, batch // 16))
    block = max(1, min(BLOCK, max(16, 2**18 // (channels * network.n)), -(-batch // threads)))
    if threads == 1:
        kernel(*fixed, 0, batch, block)
    else:
        bounds = [batch * i // threads for i in range(threads + 1)]
        pool = _pool(os.getpid(), threads)
        list(pool.map(lambda start, stop: kernel(*fixed, start, stop, block), bounds, bounds[1:]))


@functools.lru_cache(maxsize=2)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Threads that wait for work; a forked process has none of its parent's and needs its own."""
    return ThreadPoolExecutor(threads, thread_name_prefix="topk_lib")


@functools.lru_cache(maxsize=256)
def _pairs(network: Network) -> np.ndarray:
    """All comparators in order, (comparators, 2)."""
    return np.concatenate([np.empty((0, 2), np.int64), *network.layers])


@functools.lru_cache(maxsize=256)
def _constants(comparator: Comparator, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """β, and for ART λ, the tie zone and the factor at its edge."""
    lam = float(comparator.art_lambda)
    return np.array([comparator.steepness], dtype), np.array([lam, TIE_ZONE, TIE_ZONE**-lam], dtype)


@functools.lru_cache(maxsize=2)
def _tables(dtype: np.dtype) -> np.ndarray:
    """Rows: the coefficients of atan(√w)/√w and of exp, highest power first, and the powers 2^-i; for float32."""
    tables = np.zeros((3, SMALLEST + 1), dtype)
    chebyshev = np.polynomial.Chebyshev.interpolate(_arctan_over_root, TERMS - 1, domain=[0, 1])
    tables[0, :TERMS] = chebyshev.convert(kind=np.polynomial.Polynomial).coef[::-1]
    tables[1, :TERMS] = [1 / math.factorial(i) for i in reversed(range(TERMS))]
    tables[2] = 2.0 ** -np.arange(SMALLEST + 1)
    return tables


def _arctan_over_root(w: np.ndarray) -> np.ndarray:
    root = np.sqrt(w)
    return np.arctan(root) / root
