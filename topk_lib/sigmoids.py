"""How one comparator softens: six sigmoids, each the distribution function of a symmetric distribution.

A comparator takes two scores ``a`` and ``b`` and should put the smaller one on its first lane. With d = b - a the
soft comparator keeps the pair to the degree α(d) = f(β d) and swaps it to the degree 1 - α(d):

    min' = α·a + (1-α)·b        max' = (1-α)·a + α·b

Sources: Petersen et al., "Differentiable Sorting Networks" (ICML 2021) for logistic and ART (logistic_phi);
"Monotonic Differentiable Sorting Networks" (ICLR 2022) for reciprocal, cauchy, optimal and the two facts below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from . import _validate

Tensor = torch.Tensor

TIE_ZONE = 1e-4
"""Half-width, in score units, of the zone around a tie where ``logistic_phi`` is rounded off (see `Comparator`)."""
FAR = 1e30
"""The gap between a masked score and any other. ART leaves it as it is: at λ near 1 it would bring even this near."""


@dataclass(frozen=True)
class Sigmoid:
    """One relaxation of the step function at steepness 1.

    Attributes:
        cdf: f, an increasing function with f(-v) = 1 - f(v). Written without cancellation: f(v) = 1e-30 has as many
            digits as f(v) = 0.3. Where f is near 1, ask for f(-v).
        density: f', an even function.
        slope: f'(0), the gradient a tie receives at steepness 1.
        monotone: whether min' never falls when a score rises, so that no sorted value has a gradient of the wrong
            sign. The chances in P carry no such promise.
        error_bound: sup over v of v·f(-v), the most by which a soft minimum at steepness 1 exceeds the true one.
    """

    cdf: Callable[[Tensor], Tensor]
    density: Callable[[Tensor], Tensor]
    slope: float
    monotone: bool
    error_bound: float


def _logistic_density(v: Tensor) -> Tensor:
    return torch.sigmoid(v) * torch.sigmoid(-v)


def _reciprocal_cdf(v: Tensor) -> Tensor:
    limit = torch.finfo(v.dtype).max / 4  # infinity less infinity would be NaN
    v = v.clamp(-limit, limit)
    distance = v.abs()
    return ((distance + v) / 2 + 1) / (distance + 2)


def _optimal_cdf(v: Tensor) -> Tensor:
    tail = 1 / (16 * v.abs().clamp(min=0.25))
    return torch.where(v.abs() <= 0.25, 0.5 + v, torch.where(v < 0, tail, 1 - tail))


def _cauchy_cdf(v: Tensor) -> Tensor:
    return torch.atan2(v.new_ones(()), -v) * (1 / math.pi)


def _cauchy_density(v: Tensor) -> Tensor:
    return torch.addcmul(v.new_full((), math.pi), v, v, value=math.pi).reciprocal()


_LOGISTIC = Sigmoid(torch.sigmoid, _logistic_density, 1 / 4, False, 0.2784645427610738)

SIGMOIDS: dict[str, Sigmoid] = {
    "logistic": _LOGISTIC,
    "logistic_phi": _LOGISTIC,
    "gaussian": Sigmoid(
        lambda v: torch.erfc(v * -math.sqrt(0.5)) / 2,
        lambda v: torch.exp(-v * v / 2) / math.sqrt(2 * math.pi),
        1 / math.sqrt(2 * math.pi),
        False,
        0.16997120747990369,
    ),
    "reciprocal": Sigmoid(_reciprocal_cdf, lambda v: (v.abs() + 2) ** -2, 1 / 4, True, 1.0),
    "cauchy": Sigmoid(_cauchy_cdf, _cauchy_density, 1 / math.pi, True, 1 / math.pi),
    "optimal": Sigmoid(_optimal_cdf, lambda v: 1 / (16 * v.abs().clamp(min=0.25) ** 2), 1.0, True, 1 / 16),
}


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
        if self.distribution == "logistic_phi":
            slope *= TIE_ZONE**-self.art_lambda * (1 + self.art_lambda / 2)
        return slope

    def weights(self, gap: Tensor) -> tuple[Tensor, Tensor]:
        """(α, 1-α) for gaps d = b - a of any shape; both are accurate to the last bit however small."""
        v = self._argument(gap)
        return self.sigmoid.cdf(v), self.sigmoid.cdf(-v)

    def alpha(self, gap: Tensor) -> Tensor:
        """α(d): the degree to which a pair with gap d = b - a is already in ascending order."""
        return self.sigmoid.cdf(self._argument(gap))

    def slope(self, gap: Tensor) -> Tensor:
        """dα/dd, same shape as ``gap``."""
        density = self.sigmoid.density(self._argument(gap))
        if self.distribution != "logistic_phi":
            return self._steepen(density)
        return density * self._argument_slope(gap)

    def _steepen(self, values: Tensor) -> Tensor:
        return values if self.steepness == 1 else self.steepness * values

    def _argument(self, gap: Tensor) -> Tensor:
        if self.distribution != "logistic_phi":
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
