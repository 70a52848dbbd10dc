"""The hot loop on a GPU: one Triton kernel for all layers of a network, one for the way back.

A program takes a few samples through the whole network. Their lanes lie in global memory, near enough to stay in a
multiprocessor's cache, and comparators change them in place, one or a few per thread; between two layers the threads
of a program wait for each other. Programs never do. All arithmetic is float32, and atan and erfc are polynomials,
because Triton's interpreter, in which the kernels are tested where there is no GPU, knows neither.

The first call compiles for a second or two; the result is kept on disk for the next process.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import triton  # pyright: ignore[reportMissingImports]  only machines with a GPU have it
import triton.language as tl  # pyright: ignore[reportMissingImports]  the same
from torch import Tensor

from ..caching import kept
from ..networks import Network, top_k_network
from ..sigmoids import FAR, KNEE, TIE_ZONE, Comparator
from . import compiled

DTYPES = (torch.float32,)
WARP, MOST_WARPS, WIDEST = 32, 16, 1024
"""Threads that step together; at most so many warps a program, and so many comparators at a time."""
TERMS = tl.constexpr(10)
"""Terms of the polynomials."""
FARAWAY, BEND = tl.constexpr(FAR), tl.constexpr(KNEE)
CAUCHY, LOGISTIC, ART = tl.constexpr(compiled.CAUCHY), tl.constexpr(compiled.LOGISTIC), tl.constexpr(compiled.ART)
GAUSSIAN, RECIPROCAL = tl.constexpr(compiled.GAUSSIAN), tl.constexpr(compiled.RECIPROCAL)
HALF_PI, ONE_OVER_PI = tl.constexpr(math.pi / 2), tl.constexpr(1 / math.pi)
ROOT_HALF, NORMAL_PEAK = tl.constexpr(math.sqrt(0.5)), tl.constexpr(1 / math.sqrt(2 * math.pi))
"""What kernels read has to be a constant of Triton's. The peak is the normal density at 0."""
FARTHEST = 10.0
"""erfc of more than this is zero in float32."""


def _chebyshev(function, lowest: float) -> tl.constexpr:
    """Coefficients, highest power first, of the polynomial that meets a function on [lowest, 1]."""
    fit = np.polynomial.Chebyshev.interpolate(np.vectorize(function), TERMS.value - 1, domain=[lowest, 1])
    return tl.constexpr(tuple(float(c) for c in fit.convert(kind=np.polynomial.Polynomial).coef[::-1]))


def _log_erfc(t: float) -> float:
    z = 2 / t - 2
    return math.log(math.erfc(z) / t) + z * z


ARCTAN = _chebyshev(lambda w: math.atan(math.sqrt(w)) / math.sqrt(w), 0.0)
"""atan(z)/z of z²; relative error below 4e-8."""
LOG_ERFC = _chebyshev(_log_erfc, 2 / (2 + FARTHEST))
"""log(erfc(z)/t) + z² of t = 2/(2 + z); error below 3e-7."""


# ---- one comparator ----


@triton.jit
def _polynomial(x, coefficients: tl.constexpr):
    p = tl.zeros_like(x) + coefficients[0]
    for i in tl.static_range(1, TERMS):
        p = p * x + coefficients[i]
    return p


@triton.jit
def _weight_and_slope(gap, beta, lam, zone, at_edge, code: tl.constexpr):
    """Of gaps d: the smaller weight f(-β φ(|d|)) and the slope dα/dd."""
    v = tl.abs(gap)
    slope = tl.zeros_like(v) + beta
    if code == ART:
        r = v / zone
        power = tl.where(v < FARAWAY, tl.exp(-lam * tl.log(tl.maximum(v, zone))), 1.0)
        slope *= tl.where(r < 1, at_edge * (1 + lam / 2 - 1.5 * lam * r * r), (1 - lam) * power)
        v *= tl.where(r < 1, at_edge * (1 + lam / 2 - lam / 2 * r * r), power)
    v *= beta
    if code == CAUCHY:
        z = tl.where(v > 1, 1 / tl.where(v > 1, v, 1), v)
        arc = _polynomial(z * z, ARCTAN) * z
        tail = tl.where(v > 1, arc, HALF_PI - arc) * ONE_OVER_PI
        slope *= ONE_OVER_PI / (1 + v * v)
    elif code == LOGISTIC or code == ART:  # noqa: SIM109  Triton compiles no `in`
        e = tl.exp(-v)
        tail = e / (1 + e)
        slope *= tail * (1 - tail)
    elif code == GAUSSIAN:
        z = v * ROOT_HALF
        z = tl.where(z > 100, 100.0, z)  # its square is no infinity; both results are 0 long before
        t = 2 / (2 + z)
        square = z * z
        rest = tl.fma(z, z, -square)  # what rounding took from z²: of a large one, exp would feel it
        near = tl.exp(-square) * (1 - rest)
        tail = 0.5 * t * tl.exp(_polynomial(t, LOG_ERFC)) * near
        slope *= NORMAL_PEAK * near
    elif code == RECIPROCAL:
        tail = 1 / (2 + v)
        slope *= tail * tail
    else:
        far = tl.where(v > BEND, v, BEND)
        steep = BEND * BEND / far
        tail = tl.where(v > BEND, steep, 0.5 - v)
        slope *= steep / far
    return tail, slope


@triton.jit
def _gap(a, b):
    """b - a of scores; a masked one, minus infinity, is lower for certain, except than NaN."""
    lost_a, lost_b = a == -float("inf"), b == -float("inf")
    beside = tl.where(lost_a, tl.where(lost_b, 0.0, FARAWAY + (b - b)), a - a - FARAWAY)
    return tl.where(lost_a | lost_b, beside, b - a)


@triton.jit
def _mix_scores(a, b, gap, tail):
    """`_mix` of scores: a masked one leaves as the minimum, and the other as it came."""
    lost_a, lost_b = a == -float("inf"), b == -float("inf")
    low, high = _mix(a, b, gap, tail)
    low = tl.where(lost_a | lost_b, -float("inf"), low)
    return low, tl.where(lost_a, b, tl.where(lost_b, a, high))


@triton.jit
def _mix(a, b, gap, tail):
    """(α a + (1-α) b, (1-α) a + α b); both weights keep their digits."""
    keep = tl.where(gap < 0, tail, 1 - tail)
    swap = tl.where(gap < 0, 1 - tail, tail)
    return keep * a + swap * b, swap * a + keep * b


# ---- a network ----


@triton.jit
def _lanes(pairs, size, first, stop, width: tl.constexpr):
    """The next comparators of a layer, some beyond its end: their numbers, minimum sides and maximum sides."""
    pair = first + tl.arange(0, width)[None, :]
    return pair, tl.load(pairs + pair, pair < stop, 0), tl.load(pairs + size + pair, pair < stop, 0)


@triton.jit
def _forward(
    state,  # (batch, channels, n): scores, then payload; overwritten by what comes out
    gaps,  # (batch, channels, size)
    pairs,  # (2, size): lanes of the minimum sides, lanes of the maximum sides
    bounds,  # (layers + 1,): where layers begin in pairs
    layers,
    batch,
    channels,
    n,
    size,
    beta,
    lam,
    zone,
    at_edge,
    code: tl.constexpr,
    samples: tl.constexpr,
    width: tl.constexpr,
):
    sample = (tl.program_id(0) * samples + tl.arange(0, samples)).to(tl.int64)[:, None]
    state += sample * channels * n
    gaps += sample * channels * size
    for layer in range(layers):
        stop = tl.load(bounds + layer + 1)
        for first in range(tl.load(bounds + layer), stop, width):
            pair, low, high = _lanes(pairs, size, first, stop, width)
            real = (pair < stop) & (sample < batch)
            a = tl.load(state + low, real, 0)
            b = tl.load(state + high, real, 0)
            gap = _gap(a, b)
            tail, _ = _weight_and_slope(gap, beta, lam, zone, at_edge, code)
            tl.store(gaps + pair, gap, real)
            a, b = _mix_scores(a, b, gap, tail)
            tl.store(state + low, a, real)
            tl.store(state + high, b, real)
            for c in range(1, channels):
                a = tl.load(state + c * n + low, real, 0)
                b = tl.load(state + c * n + high, real, 0)
                tl.store(gaps + c * size + pair, b - a, real)
                a, b = _mix(a, b, gap, tail)
                tl.store(state + c * n + low, a, real)
                tl.store(state + c * n + high, b, real)
        tl.debug_barrier()


@triton.jit
def _backward(
    state,  # (batch, channels, n): the gradient at the outputs; overwritten by that at the inputs
    gaps,  # (batch, kept, size)
    pairs,
    bounds,
    layers,
    batch,
    channels,
    kept,
    n,
    size,
    beta,
    lam,
    zone,
    at_edge,
    code: tl.constexpr,
    own: tl.constexpr,  # channel 0 belongs to the scores: every comparator adds a term to it
    samples: tl.constexpr,
    width: tl.constexpr,
):
    sample = (tl.program_id(0) * samples + tl.arange(0, samples)).to(tl.int64)[:, None]
    state += sample * channels * n
    gaps += sample * kept * size
    for back in range(layers):
        stop = tl.load(bounds + layers - back)
        for first in range(tl.load(bounds + layers - back - 1), stop, width):
            pair, low, high = _lanes(pairs, size, first, stop, width)
            real = (pair < stop) & (sample < batch)
            gap = tl.load(gaps + pair, real, 0)
            tail, slope = _weight_and_slope(gap, beta, lam, zone, at_edge, code)
            term = tl.zeros_like(gap)
            if own:
                for c in range(channels):
                    a = tl.load(state + c * n + low, real, 0)
                    b = tl.load(state + c * n + high, real, 0)
                    term += (b - a) * (tl.load(gaps + c * size + pair, real, 0) * slope)
            for c in range(channels):
                a = tl.load(state + c * n + low, real, 0)
                b = tl.load(state + c * n + high, real, 0)
                a, b = _mix(a, b, gap, tail)
                tl.store(state + c * n + low, a - term, real)
                tl.store(state + c * n + high, b + term, real)
                term = tl.zeros_like(gap)
        tl.debug_barrier()


# ---- the batch, shared out ----


def try_out(device: str = "cuda") -> None:
    """Run the smallest network. Triton needs more than to be installed, a C compiler for one, and says so only then."""
    zeros = torch.zeros(1, 2, device=device)
    Run(top_k_network("odd_even", 2, 1), Comparator(), 1).forward(zeros, zeros.reshape(1, 2, 1), 1)


class Run:
    """A network set up for a batch on one GPU."""

    def __init__(self, network: Network, comparator: Comparator, batch: int) -> None:
        self.network, self.comparator, self.batch = network, comparator, batch
        widest = max((len(layer) for layer in network.layers), default=1)
        self.width = min(WIDEST, triton.next_power_of_2(widest))
        self.samples = max(1, WARP // self.width)  # a thread has one comparator at least, and no comparator two threads
        self.warps = min(MOST_WARPS, self.samples * self.width // WARP)

    def forward(self, scores: Tensor, payload: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """As in `compiled.Run`; the gaps have shape (B, C + 1, comparators)."""
        n = self.network.n
        state = torch.cat([scores.unsqueeze(1), payload.permute(2, 0, 1)], 1)
        gaps = state.new_empty(self.batch, state.shape[1], self.network.size)
        self._launch(_forward, state, gaps, state.shape[1])
        return state.narrow(1, 1, payload.shape[0]).narrow(2, n - k, k).flip(2).permute(1, 2, 0), gaps

    def backward(
        self, grad: Tensor, gaps: Tensor, to_scores: bool, to_payload: bool
    ) -> tuple[Tensor | None, Tensor | None]:
        """As in `compiled.Run`."""
        (channels, k, _), own = grad.shape, int(to_scores)
        state = grad.new_zeros(self.batch, own + channels, self.network.n)
        state.narrow(1, own, channels).narrow(2, self.network.n - k, k).copy_(grad.permute(2, 0, 1).flip(2))
        self._launch(_backward, state, gaps, state.shape[1], gaps.shape[1], own=to_scores)
        for_payload = state.narrow(1, own, channels).permute(1, 2, 0)
        return state.select(1, 0) if to_scores else None, for_payload if to_payload else None

    def in_order(self, gaps: Tensor) -> Tensor:
        """As in `compiled.Run`."""
        return gaps.permute(1, 2, 0)

    def _launch(self, kernel, state: Tensor, gaps: Tensor, *channels: int, **options: bool) -> None:
        programs, size = triton.cdiv(self.batch, self.samples), self.network.size
        if not programs or not size:
            return
        pairs, bounds = _pairs(self.network, state.device)
        sizes = (len(bounds) - 1, self.batch, *channels, self.network.n, size)
        tile = {"samples": self.samples, "width": self.width, "num_warps": self.warps}
        with torch.cuda.device_of(state):
            kernel[programs,](state, gaps, pairs, bounds, *sizes, *_constants(self.comparator), **options, **tile)


@kept
def _pairs(network: Network, device: torch.device) -> tuple[Tensor, Tensor]:
    """All comparators in order, (2, comparators), and where layers begin, (layers + 1,)."""
    pairs = np.concatenate(network.layers).T.astype(np.int32, order="C")
    bounds = np.cumsum([0, *map(len, network.layers)], dtype=np.int32)
    return torch.tensor(pairs, device=device), torch.tensor(bounds, device=device)


def _constants(comparator: Comparator) -> tuple[float, float, float, float, int]:
    """β, and for ART λ, the tie zone and the factor at its edge; the sigmoid's number."""
    lam = float(comparator.art_lambda)
    return float(comparator.steepness), lam, TIE_ZONE, TIE_ZONE**-lam, compiled.CODES[comparator.distribution]
