"""How one comparator softens: sigmoids, each the distribution function of a symmetric distribution.

A comparator takes two scores ``a`` and ``b`` and should put the smaller one on its first lane. With d = b - a the
soft comparator keeps the pair to the degree α(d) = f(β d) and swaps it to the degree 1 - α(d):

    min' = α·a + (1-α)·b        max' = (1-α)·a + α·b

Sources: Petersen et al., "Differentiable Sorting Networks" (ICML 2021) for logistic and ART (logistic_phi);
"Monotonic Differentiable Sorting Networks" (ICLR 2022) for reciprocal, cauchy, optimal and the two facts below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import torch

from . import _validate
from .registry import Registry

Tensor = torch.Tensor

TIE_ZONE = 1e-4
"""Half-width, in score units, of the zone around a tie where ``logistic_phi`` is rounded off (see `Comparator`)."""
FAR = 1e30
"""The gap between a masked score and any other. ART leaves it as it is: at λ near 1 it would bring even this near."""


KNEE = 1 / 4
"""Where the optimal sigmoid turns from a line, 1/2 + v, into a tail, KNEE²/v."""


@dataclass(frozen=True)
class Sigmoid:
    """One relaxation of the step function at steepness 1.

    Attributes:
        cdf: f, an increasing function with f(-v) = 1 - f(v). Written without cancellation: f(v) = 1e-30 has as many
            digits as f(v) = 0.3. Where f is near 1, ask for f(-v).
        density: f', an even function.
        slope: f'(0), the gradient a tie receives at steepness 1.
        monotone: whether min' never falls when a score rises, so that no sorted value has a gradient of the wrong
            sign. The probabilities in P carry no such promise.
        error_bound: sup over v of v·f(-v), the most by which a soft minimum at steepness 1 exceeds the true one.
        inverse: v with f(v) = c for a c between 1/2 and 1. Without one, `argument_for` searches.
        art: whether gaps go through ART on their way to f (see `Comparator`).
    """

    cdf: Callable[[Tensor], Tensor]
    density: Callable[[Tensor], Tensor]
    slope: float
    monotone: bool
    error_bound: float
    inverse: Callable[[float], float] | None = None
    art: bool = False

    def argument_for(self, certainty: float) -> float:
        """v with f(v) = certainty, for a certainty above 1/2 and below 1."""
        return _bisection(self.cdf, certainty) if self.inverse is None else self.inverse(certainty)


def _bisection(cdf: Callable[[Tensor], Tensor], wished: float) -> float:
    """The v > 0 with f(v) = wished > 1/2, to the last bit; f(-v) is what is looked at, since it keeps its digits."""

    def reached(v: float) -> bool:
        return cdf(torch.tensor(-v, dtype=torch.double)).item() <= 1 - wished

    low, high = 0.0, 1.0
    while not reached(high):
        low, high = high, 2 * high
        if math.isinf(high):
            raise ValueError(f"certainty must be one that the sigmoid reaches, got {wished!r}")
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _logistic_density(v: Tensor) -> Tensor:
    return torch.sigmoid(v) * torch.sigmoid(-v)


def _reciprocal_cdf(v: Tensor) -> Tensor:
    limit = torch.finfo(v.dtype).max / 4  # infinity less infinity would be NaN
    v = v.clamp(-limit, limit)
    distance = v.abs()
    return ((distance + v) / 2 + 1) / (distance + 2)


def _optimal_cdf(v: Tensor) -> Tensor:
    tail = KNEE**2 / v.abs().clamp(min=KNEE)
    return torch.where(v.abs() <= KNEE, 0.5 + v, torch.where(v < 0, tail, 1 - tail))


def _cauchy_cdf(v: Tensor) -> Tensor:
    return torch.atan2(v.new_ones(()), -v) * (1 / math.pi)


def _cauchy_density(v: Tensor) -> Tensor:
    return torch.addcmul(v.new_full((), math.pi), v, v, value=math.pi).reciprocal()


def _logit(c: float) -> float:
    return math.log(c / (1 - c))


SIGMOIDS: Registry[Sigmoid] = Registry("distribution")
"""Every sigmoid by the name that the command line and the panels use. `SIGMOIDS.add` takes a new one."""

_LOGISTIC = Sigmoid(
    torch.sigmoid,
    _logistic_density,
    slope=1 / 4,
    monotone=False,
    error_bound=0.2784645427610738,  # Lambert's W(1/e), where v·f(-v) has its maximum
    inverse=_logit,
)
SIGMOIDS.add("logistic", _LOGISTIC, "logistic")
SIGMOIDS.add("logistic_phi", replace(_LOGISTIC, art=True), "logistic φ (ART)")
SIGMOIDS.add(
    "gaussian",
    Sigmoid(
        lambda v: torch.erfc(v * -math.sqrt(0.5)) / 2,
        lambda v: torch.exp(-v * v / 2) / math.sqrt(2 * math.pi),
        slope=1 / math.sqrt(2 * math.pi),
        monotone=False,
        error_bound=0.16997120747990369,  # v·f(-v) at v = 0.7518, where f(-v) = v·f'(v)
        inverse=NormalDist().inv_cdf,
    ),
    "Gaussian",
)
SIGMOIDS.add(
    "reciprocal",
    Sigmoid(
        _reciprocal_cdf,
        lambda v: (v.abs() + 2) ** -2,
        slope=1 / 4,
        monotone=True,
        error_bound=1.0,
        inverse=lambda c: 1 / (1 - c) - 2,
    ),
    "reciprocal",
)
SIGMOIDS.add(
    "cauchy",
    Sigmoid(
        _cauchy_cdf,
        _cauchy_density,
        slope=1 / math.pi,
        monotone=True,
        error_bound=1 / math.pi,
        inverse=lambda c: math.tan(math.pi * (c - 0.5)),
    ),
    "Cauchy",
)
SIGMOIDS.add(
    "optimal",
    Sigmoid(
        _optimal_cdf,
        lambda v: KNEE**2 / v.abs().clamp(min=KNEE) ** 2,
        slope=1.0,
        monotone=True,
        error_bound=KNEE**2,
        inverse=lambda c: c - 0.5 if c <= 0.5 + KNEE else KNEE**2 / (1 - c),
    ),
    "optimal",
)


@dataclass(frozen=True)
class Comparator:
    """A soft comparator: a sigmoid, its steepness, and for ``logistic_phi`` the exponent of ART.

    ART (activation replacement trick) feeds φ(d) = d / |d|^λ to the sigmoid, which spreads small gaps apart. Its
    slope at a tie is infinite; the authors' code leaves a bound of 10^(10λ) times the logistic one, and half
    precision makes ties common. Here φ is exact for |d| >= TIE_ZONE; inside, a cubic with the same value and
    slope at the edge takes over, so that the slope at a tie is at most `max_slope`.

    Args:
        distribution: a key of `SIGMOIDS`.
        steepness: β > 0, in units of one over the scores' unit; larger is harder.
        art_lambda: λ in [0, 1), read by ``logistic_phi`` only.

    Raises:
        ValueError, TypeError: naming the argument.
    """

    distribution: str = "cauchy"
    steepness: float = 1.0
    art_lambda: float = 0.25

    def __post_init__(self) -> None:
        _validate.choice("distribution", self.distribution, SIGMOIDS)
        object.__setattr__(self, "steepness", _validate.positive_real("steepness", self.steepness))
        lam = self.art_lambda
        if isinstance(lam, bool) or not isinstance(lam, int | float):
            raise TypeError(f"art_lambda must be a number in [0, 1), got {lam!r}")
        if not 0 <= lam < 1:
            raise ValueError(f"art_lambda must be in [0, 1), got {lam!r}")

    @property
    def sigmoid(self) -> Sigmoid:
        return SIGMOIDS[self.distribution]

    @property
    def max_slope(self) -> float:
        """The largest slope of α(d), attained at d = 0, in one over the scores' unit."""
        slope = self.steepness * self.sigmoid.slope
        if self.sigmoid.art:
            slope *= TIE_ZONE**-self.art_lambda * (1 + self.art_lambda / 2)
        return slope

    def weights(self, gap: Tensor) -> tuple[Tensor, Tensor]:
        """(α, 1-α) for gaps d = b - a of any shape; both are accurate to the last bit however small."""
        cdf, v = self.sigmoid.cdf, self._argument(gap)
        return cdf(v), cdf(-v)

    def alpha(self, gap: Tensor) -> Tensor:
        """α(d): the degree to which a pair with gap d = b - a is already in ascending order."""
        return self.sigmoid.cdf(self._argument(gap))

    def slope(self, gap: Tensor) -> Tensor:
        """dα/dd, same shape as ``gap``."""
        sigmoid = self.sigmoid
        density = sigmoid.density(self._argument(gap))
        return density * self._argument_slope(gap) if sigmoid.art else self._steepen(density)

    def _steepen(self, values: Tensor) -> Tensor:
        return values if self.steepness == 1 else self.steepness * values

    def _argument(self, gap: Tensor) -> Tensor:
        if not self.sigmoid.art:
            return self._steepen(gap)
        lam, distance = self.art_lambda, gap.abs()
        r = (distance / TIE_ZONE).clamp(max=1)
        inside = TIE_ZONE**-lam * (1 + lam / 2 - lam / 2 * r * r)
        outside = torch.where(distance < FAR, distance.clamp(min=TIE_ZONE) ** -lam, 1)
        return self._steepen(gap) * torch.where(distance < TIE_ZONE, inside, outside)

    def _argument_slope(self, gap: Tensor) -> Tensor:
        lam, distance = self.art_lambda, gap.abs()
        r = (distance / TIE_ZONE).clamp(max=1)
        inside = TIE_ZONE**-lam * (1 + lam / 2 - 1.5 * lam * r * r)
        outside = (1 - lam) * distance.clamp(min=TIE_ZONE) ** -lam
        return self._steepen(torch.where(distance < TIE_ZONE, inside, outside))


def steepness_for(gap: float, certainty: float = 0.9, distribution: str = "cauchy", art_lambda: float = 0.25) -> float:
    """The steepness β at which a soft comparator orders two scores that are `gap` apart to the degree `certainty`.

    That is v/gap with f(v) = certainty, and v/gap^(1-λ) for ART. A usual choice of the gap is the median distance
    of neighbours among the best k+1 scores: the smallest that should still count.

    Args:
        gap: distance of two scores, positive; for ART no smaller than its tie zone.
        certainty: the wished α, above 1/2 and below 1.
        distribution: a key of `SIGMOIDS`.
        art_lambda: λ in [0, 1), read by ``logistic_phi`` only.

    Raises:
        ValueError, TypeError: naming the argument.
    """
    sigmoid = Comparator(distribution, 1.0, art_lambda).sigmoid
    gap = _validate.positive_real("gap", gap)
    if isinstance(certainty, bool) or not isinstance(certainty, int | float):
        raise TypeError(f"certainty must be a number above 0.5 and below 1, got {certainty!r}")
    if not 0.5 < certainty < 1:
        raise ValueError(f"certainty must be above 0.5 and below 1, got {certainty!r}")
    if sigmoid.art:
        if gap < TIE_ZONE:
            raise ValueError(f"gap must be at least {TIE_ZONE:g} for {distribution}, got {gap!r}")
        gap = gap ** (1 - art_lambda)
    return sigmoid.argument_for(certainty) / gap
