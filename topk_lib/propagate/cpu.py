"""The hot loop on a processor, comparator by comparator, compiled by numba.

A block of the batch goes through the whole network while it lies in the processor's cache; blocks are shared among
torch's number of threads. Every comparator makes a few short passes over the block, each of them simple enough to
be done for many samples at once: that is why, in float32, atan and exp are polynomials. In float64 they are the C
library's.

The first call compiles for a few seconds; the result is kept on disk for the next process.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numba
import numpy as np
import torch

from ..caching import kept
from ..networks import Network
from ..sigmoids import FAR, KNEE, TIE_ZONE, Comparator
from .compiled import ART, CAUCHY, CODES, GAUSSIAN, LOGISTIC, RECIPROCAL

Tensor = torch.Tensor

DTYPES = (torch.float32, torch.float64)
BLOCK = 128
"""Samples that travel together."""
WORTH_A_THREAD = 2**18
"""Comparators times samples that keep a further thread busy for longer than it takes to start it."""
TERMS = 9
"""Terms of the polynomials; their relative error is below 4e-8, half a unit in the last place of float32."""
SMALLEST = 150
"""2^-SMALLEST is zero in float32."""
LOG2_COARSE = round(math.log(2) * 512) / 512
LOG2_FINE = math.log(2) - LOG2_COARSE
"""log 2 in two parts (Cody and Waite): the first has so few digits that float32 holds up to SMALLEST of it exactly, and
so nothing is lost when a large multiple of log 2 is taken from a number that is nearly as large."""


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
    nothing = v.dtype.type(0)
    coarse, fine = v.dtype.type(LOG2_COARSE), v.dtype.type(LOG2_FINE)
    for t in range(len(v)):
        bits = v[t] * to_bits + half
        whole = v.dtype.type(int(bits if bits < limit else limit))
        spare[t] = whole * coarse - v[t] + whole * fine
    _polynomial(tables[1], spare, out)
    for t in range(len(v)):
        bits = v[t] * to_bits + half
        power = tables[2, int(bits if bits < limit else limit)]
        out[t] = out[t] * power if bits < limit else (nothing if bits >= limit else bits)


@_compile
def _weight_and_slope(code, distance, beta, art, tables, tail, slope, spare):
    """Of distances |d|, overwritten by β·φ(|d|): the smaller weight f(-β φ(|d|)) and the slope dα/dd."""
    v, one, half = distance, beta.dtype.type(1), beta.dtype.type(0.5)
    for t in range(len(v)):
        slope[t] = beta[0]
    if code == ART:
        _replace(v, art, slope)
    for t in range(len(v)):
        v[t] *= beta[0]
    if code == CAUCHY:
        scale = v.dtype.type(1 / math.pi)
        _arctan_of_inverse(v, tables, tail, spare)
        for t in range(len(v)):
            tail[t] *= scale
            slope[t] *= scale / (one + v[t] * v[t])
    elif code in (LOGISTIC, ART):
        _exp_of_minus(v, tables, tail, spare)
        for t in range(len(v)):
            tail[t] /= one + tail[t]
            slope[t] *= tail[t] * (one - tail[t])
    elif code == GAUSSIAN:
        root, scale = v.dtype.type(math.sqrt(0.5)), v.dtype.type(1 / math.sqrt(2 * math.pi))
        for t in range(len(v)):
            tail[t] = half * math.erfc(v[t] * root)
            slope[t] *= scale * math.exp(-half * v[t] * v[t])
    elif code == RECIPROCAL:
        for t in range(len(v)):
            tail[t] = one / (one + one + v[t])
            slope[t] *= tail[t] * tail[t]
    else:
        knee = v.dtype.type(KNEE)
        for t in range(len(v)):
            far = v[t] if v[t] > knee else knee
            steep = knee * knee / far
            tail[t] = steep if v[t] > knee else half - v[t]
            slope[t] *= steep / far


@_compile
def _replace(distance, art, slope):
    """ART: distances become φ(d), and the slopes are multiplied by φ'(d); see `Comparator`."""
    lam, zone, at_edge = art[0], art[1], art[2]
    one, half, far = art.dtype.type(1), art.dtype.type(0.5), art.dtype.type(FAR)
    for t in range(len(distance)):
        d = distance[t]
        r = d / zone
        if r < one:
            slope[t] *= at_edge * (one + half * lam - (one + half) * lam * r * r)
            distance[t] = d * at_edge * (one + half * lam - half * lam * r * r)
        else:
            power = d**-lam if d < far else one
            slope[t] *= (one - lam) * power
            distance[t] = d * power


@_compile
def _distances(gaps, row, distance):
    for t in range(len(distance)):
        distance[t] = abs(gaps[row, t])


@_compile
def _weights(gaps, row, tail, keep, swap):
    """keep = α(d) and swap = 1 - α(d) of signed gaps d."""
    zero, one = gaps.dtype.type(0), gaps.dtype.type(1)
    for t in range(len(tail)):
        small, large = tail[t], one - tail[t]
        keep[t] = small if gaps[row, t] < zero else large
        swap[t] = large if gaps[row, t] < zero else small


@_compile
def _mix(state, low, high, keep, swap):
    for t in range(len(keep)):
        a, b = state[low, t], state[high, t]
        state[low, t] = keep[t] * a + swap[t] * b
        state[high, t] = swap[t] * a + keep[t] * b


@_compile
def _gaps_of_masked(state, low, high, gaps, row):
    """The gaps beside a masked score, which is minus infinity: it is lower for certain, except than NaN."""
    zero, far, lost = gaps.dtype.type(0), gaps.dtype.type(FAR), gaps.dtype.type(-math.inf)
    for t in range(gaps.shape[1]):
        a, b = state[low, t], state[high, t]
        if a == lost:
            gaps[row, t] = zero if b == lost else far + (b - b)
        elif b == lost:
            gaps[row, t] = a - a - far


@_compile
def _mix_masked(state, low, high, keep, swap):
    """`_mix` of scores, some of them masked."""
    lost = state.dtype.type(-math.inf)
    for t in range(len(keep)):
        a, b = state[low, t], state[high, t]
        if a == lost or b == lost:
            state[low, t] = lost
            state[high, t] = b if a == lost else a
        else:
            state[low, t] = keep[t] * a + swap[t] * b
            state[high, t] = swap[t] * a + keep[t] * b


# ---- a network, for a share of the batch; a state has one row per channel and lane ----


@_compile
def _forward(code, beta, art, tables, pairs, scores, payload, gaps, output, start, stop, block):
    """scores (B, n), payload (C, n, B) -> gaps, output (C, k, B), for start <= sample < stop."""
    channels, n, _ = payload.shape
    channels += 1
    size = len(pairs) * channels
    scratch, states = np.empty((6, block), beta.dtype), np.empty(channels * n * block, beta.dtype)
    for first in range(start, stop, block):
        width = min(block, stop - first)
        kept = gaps[first * size : (first + width) * size].reshape(size, width)
        state = states[: channels * n * width].reshape(channels * n, width)
        distance, tail, slope = scratch[0, :width], scratch[1, :width], scratch[2, :width]
        keep, swap, spare = scratch[3, :width], scratch[4, :width], scratch[5, :width]
        state[:n] = scores[first : first + width].T
        masked = (state[:n] == -math.inf).any()
        for c in range(1, channels):
            state[c * n : (c + 1) * n] = payload[c - 1, :, first : first + width]
        for p in range(len(pairs)):
            low, high = pairs[p, 0], pairs[p, 1]
            for c in range(channels):
                for t in range(width):
                    kept[p * channels + c, t] = state[c * n + high, t] - state[c * n + low, t]
            if masked:
                _gaps_of_masked(state, low, high, kept, p * channels)
            _distances(kept, p * channels, distance)
            _weight_and_slope(code, distance, beta, art, tables, tail, slope, spare)
            _weights(kept, p * channels, tail, keep, swap)
            if masked:
                _mix_masked(state, low, high, keep, swap)
            for c in range(1 if masked else 0, channels):
                _mix(state, c * n + low, c * n + high, keep, swap)
        for c in range(1, channels):
            for r in range(output.shape[1]):
                output[c - 1, r, first : first + width] = state[c * n + n - 1 - r]


@_compile
def _backward(code, beta, art, tables, pairs, grad, gaps, for_scores, for_payload, start, stop, block):
    """grad (C, k, B) at the outputs -> for_scores (B, n) and for_payload (C, n, B); an empty array is left alone."""
    n = max(for_scores.shape[1], for_payload.shape[1])
    own = 1 if for_scores.size else 0  # channel 0 belongs to the scores: every comparator adds a term to it
    channels = own + grad.shape[0]
    stride = gaps.size // max(1, len(pairs) * grad.shape[2])  # channels that were pushed
    size = len(pairs) * stride
    scratch, states = np.empty((7, block), beta.dtype), np.empty(channels * n * block, beta.dtype)
    for first in range(start, stop, block):
        width = min(block, stop - first)
        kept = gaps[first * size : (first + width) * size].reshape(size, width)
        state = states[: channels * n * width].reshape(channels * n, width)
        distance, tail, slope = scratch[0, :width], scratch[1, :width], scratch[2, :width]
        keep, swap, spare, term = scratch[3, :width], scratch[4, :width], scratch[5, :width], scratch[6, :width]
        state[:] = 0
        for c in range(grad.shape[0]):
            for r in range(grad.shape[1]):
                state[(own + c) * n + n - 1 - r] = grad[c, r, first : first + width]
        for p in range(len(pairs) - 1, -1, -1):
            low, high = pairs[p, 0], pairs[p, 1]
            _distances(kept, p * stride, distance)
            _weight_and_slope(code, distance, beta, art, tables, tail, slope, spare)
            _weights(kept, p * stride, tail, keep, swap)
            if own:
                term[:] = 0
                for c in range(channels):
                    for t in range(width):
                        change = kept[p * stride + c, t] * slope[t]  # first: it is bounded, however far apart
                        term[t] += (state[c * n + high, t] - state[c * n + low, t]) * change
            for c in range(channels):
                _mix(state, c * n + low, c * n + high, keep, swap)
            if own:
                for t in range(width):
                    state[low, t] -= term[t]
                    state[high, t] += term[t]
        if own:
            for_scores[first : first + width] = state[:n].T
        if for_payload.size:
            for c in range(grad.shape[0]):
                for_payload[c, :, first : first + width] = state[(own + c) * n : (own + c + 1) * n]


# ---- the batch, shared out ----


class Run:
    """A network set up for a batch: how the batch is shared among threads and in blocks."""

    def __init__(self, network: Network, comparator: Comparator, batch: int) -> None:
        self.network, self.comparator, self.batch = network, comparator, batch
        self.threads = max(1, min(torch.get_num_threads(), batch // BLOCK, network.size * batch // WORTH_A_THREAD))
        self.block = max(1, min(BLOCK, -(-batch // self.threads)))

    def forward(self, scores: Tensor, payload: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """As in `compiled.Run`; the gaps follow each other block by block, comparator by comparator."""
        channels = payload.shape[0]
        gaps = scores.new_empty(self.network.size * (channels + 1) * self.batch)
        output = scores.new_empty(channels, k, self.batch)
        self._share_out(_forward, scores, payload, gaps, output)
        return output, gaps

    def backward(
        self, grad: Tensor, gaps: Tensor, to_scores: bool, to_payload: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        """As in `compiled.Run`."""
        n = self.network.n
        for_scores = grad.new_empty((self.batch, n) if to_scores else (0, 0))
        for_payload = grad.new_empty((grad.shape[0], n, self.batch) if to_payload else (0, 0, 0))
        self._share_out(_backward, grad, gaps, for_scores, for_payload)
        return for_scores if to_scores else None, for_payload if to_payload else None

    def in_order(self, gaps: Tensor) -> Tensor:
        """As in `compiled.Run`: blocks side by side."""
        if not self.batch:
            return gaps.reshape(1, self.network.size, 0)
        channels = len(gaps) // (self.network.size * self.batch)
        size = self.network.size * channels
        blocks = (gaps.narrow(0, first * size, width * size) for first, width in self._blocks())
        return torch.cat([block.reshape(self.network.size, channels, -1) for block in blocks], 2).transpose(0, 1)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Where blocks begin, and how wide they are."""
        bounds = self._bounds()
        for start, stop in pairwise(bounds):
            for first in range(start, stop, self.block):
                yield first, min(self.block, stop - first)

    def _bounds(self) -> list[int]:
        """Where the threads' shares of the batch begin and end."""
        return [self.batch * i // self.threads for i in range(self.threads + 1)]

    def _share_out(self, kernel, *tensors: Tensor) -> None:
        arrays = [tensor.detach().contiguous().numpy() for tensor in tensors]
        dtype = arrays[0].dtype
        constants = (CODES[self.comparator.distribution], *_constants(self.comparator, dtype), _tables(dtype))

        def run(start: int, stop: int) -> None:
            kernel(*constants, _pairs(self.network), *arrays, start, stop, self.block)

        if self.threads == 1:
            run(0, self.batch)
        else:
            bounds = self._bounds()
            list(_pool(os.getpid(), self.threads).map(run, bounds, bounds[1:]))


@functools.lru_cache(maxsize=2)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Threads that wait for work; a forked process has none of its parent's and needs its own."""
    return ThreadPoolExecutor(threads, thread_name_prefix="topk_lib")


@kept
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
