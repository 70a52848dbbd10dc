"""The functions F of soft top-k sets p = F((s - b)/λ), and how the threshold b with Σ p = k is found for each.

Everything here is in units of the scale λ: scores x, descending along the last dimension and 0 at rank ⌈k⌉, and a
threshold b of x. A search asks the data when to stop only where that is free: nothing waits for a device.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..registry import Registry
from ..transforms import is_readable

LOG_2 = math.log(2)
NEAR = 60.0
"""Thresholds lie within log n of the score of rank k; what is farther from it than this has reached 0 or 1 there."""
NEWTON_STEPS = 5
"""From a start that is at most log 2 away, on a nearly linear function: after 5, float64 has its digits."""


class Threshold(NamedTuple):
    """One F, a distribution function or what comes close to one.

    Attributes:
        cdf: F(t), elementwise.
        log_cdf: log F(t), down to where F(t) itself is lost; minus infinity where F is 0.
        log_pdf: log F'(t); minus infinity where F is flat.
        solve: (x (..., n), k (..., 1)) -> b (..., 1), for 0 < k < n.
        constrained: whether Σ p = k. If not, k is whole, and gradients pass through `solve` itself.
    """

    cdf: Callable[[Tensor], Tensor]
    log_cdf: Callable[[Tensor], Tensor]
    log_pdf: Callable[[Tensor], Tensor]
    solve: Callable[[Tensor, Tensor], Tensor]
    constrained: bool = True


THRESHOLDS: Registry[Threshold] = Registry("threshold")


def laplace_threshold(x: Tensor, k: Tensor) -> Tensor:
    """In closed form: with j scores above b, A = Σ_above e⁻ˣ and B = Σ_below eˣ, z = eᵇ solves A·z² - 2(j-k)·z - B = 0.

    A and B are kept as logarithms, so that the root stays finite however far apart the scores are. To find j, scores
    near rank k are enough, and their sums as they are.
    """
    up, down = x.clamp(-NEAR, NEAR).neg().exp(), x.clamp(-NEAR, NEAR).exp()
    counts = torch.arange(1, x.shape[-1] + 1, device=x.device, dtype=x.dtype)
    # Σ F with b at each score, which rises with the score's rank
    at_scores = counts - (down * up.cumsum(-1) - up * _below(down)) / 2
    j = (at_scores <= k).sum(-1, keepdim=True)
    above = counts <= j
    log_a = (-x).masked_fill(above == 0, -math.inf).logsumexp(-1, keepdim=True)
    log_b = x.masked_fill(above, -math.inf).logsumexp(-1, keepdim=True)
    excess = j - k
    log_e = excess.abs().log()
    root = torch.logaddexp(log_e, torch.logaddexp(2 * log_e, log_a + log_b) / 2)
    return torch.where(excess >= 0, root - log_a, log_b - root)


def logistic_threshold(x: Tensor, k: Tensor) -> Tensor:
    """By Newton's method from Laplace's threshold, which is at most log 2 away.

    The two functions' inverses differ by no more than that. What the scores below b give, Σ F(x - b), has to make up
    for what those above lack, Σ F(b - x), up to the number above less k. Logarithms of both are nearly linear in b.
    """
    start = laplace_threshold(x, k)
    above = x > start
    excess = above.sum(-1, keepdim=True) - k
    given, lacking = excess.clamp(min=0).log(), (-excess).clamp(min=0).log()
    b = start
    for _ in range(NEWTON_STEPS):
        t = x - b
        log_f, log_rest = F.logsigmoid(t), F.logsigmoid(-t)
        low, high = (_sum_where(part, which) for part, which in ((log_f, above == 0), (log_rest, above)))
        low, high = torch.logaddexp(low, given), torch.logaddexp(high, lacking)
        density = log_f + log_rest
        slope = (_sum_where(density, above == 0) - low).exp() + (_sum_where(density, above) - high).exp()
        b = torch.clamp(b + (low - high) / slope, start - LOG_2, start + LOG_2)
    return b


def power_threshold(x: Tensor, k: Tensor, power: int) -> Tensor:
    """F = clip(t, 0, 1)^power, within a bracket: b lies between -1 and 0, since x is 0 at rank ⌈k⌉.

    Steps of Newton's where they stay inside; every third halves the bracket, so that the end is certain, except where
    Newton's step has come to rest.
    """
    low, high = torch.full_like(k, -1), torch.zeros_like(k)
    b = (low + high) / 2
    digits = torch.finfo(x.dtype).eps
    for step in range(3 * round(-math.log2(digits))):
        inside = (x - b).clamp(0, 1)
        steep = inside ** (power - 1)
        excess = (steep * inside).sum(-1, keepdim=True) - k
        low, high = torch.where(excess >= 0, b, low), torch.where(excess <= 0, b, high)
        slope = power * (steep * ((inside > 0) & (inside < 1))).sum(-1, keepdim=True)
        newton, middle = b + excess / slope, (low + high) / 2
        rests = (newton - b).abs() <= -digits * b
        if is_readable(excess) and bool((rests | (high - low <= digits)).all()):
            break
        go = rests if step % 3 == 2 else rests | ((newton >= low) & (newton <= high))
        b = torch.where(go, newton, middle)
    return b


def capped_exp_threshold(x: Tensor, k: Tensor) -> Tensor:
    """F = min(1, eᵗ): with j scores at the cap, b = log Σ_rest eˣ - log(k - j), for the first j with none above b."""
    near = x.clamp(max=NEAR)  # rank k adds 1 to every sum that counts, beside which what is far below is nothing
    from_here = near.exp().flip(-1).cumsum(-1).flip(-1).log()
    j = torch.arange(x.shape[-1], device=x.device, dtype=x.dtype)
    b = from_here - (k - j).clamp(min=0).log()
    fits = (near <= b) & (j < k)
    return b.gather(-1, fits.to(torch.uint8).argmax(-1, keepdim=True))


def midpoint(x: Tensor, k: Tensor) -> Tensor:
    """Halfway between the scores of ranks k and k + 1."""
    rank = k.long()
    return (x.gather(-1, rank - 1) + x.gather(-1, rank.clamp(max=x.shape[-1] - 1))) / 2


def _below(x: Tensor) -> Tensor:
    """At each place of the last dimension the sum of all later places."""
    return F.pad(x.flip(-1).cumsum(-1).flip(-1).narrow(-1, 1, x.shape[-1] - 1), (0, 1))


def _sum_where(logs: Tensor, which: Tensor) -> Tensor:
    return logs.masked_fill(which == 0, -math.inf).logsumexp(-1, keepdim=True)


def _laplace_log_cdf(t: Tensor) -> Tensor:
    return torch.where(t < 0, t - LOG_2, torch.log1p(-torch.exp(-t.abs()) / 2))


def _laplace_cdf(t: Tensor) -> Tensor:
    half = torch.exp(-t.abs()) / 2
    return torch.where(t < 0, half, 1 - half)


def _clip(power: int) -> Threshold:
    def inside(t: Tensor) -> Tensor:
        return (t > 0) & (t < 1)

    def log_cdf(t: Tensor) -> Tensor:
        return torch.where(t > 0, power * torch.where(t > 0, t, 1).clamp(max=1).log(), -math.inf)

    def log_pdf(t: Tensor) -> Tensor:
        steep = math.log(power) + (power - 1) * torch.where(inside(t), t, 1).log()
        return torch.where(inside(t), steep, -math.inf)

    return Threshold(lambda t: t.clamp(0, 1) ** power, log_cdf, log_pdf, partial(power_threshold, power=power))


LAPLACE = Threshold(_laplace_cdf, _laplace_log_cdf, lambda t: -t.abs() - LOG_2, laplace_threshold)
LOGISTIC = Threshold(torch.sigmoid, F.logsigmoid, lambda t: F.logsigmoid(t) + F.logsigmoid(-t), logistic_threshold)
CAPPED_EXP = Threshold(
    lambda t: t.clamp(max=0).exp(),
    lambda t: t.clamp(max=0),
    lambda t: torch.where(t <= 0, t, -math.inf),
    capped_exp_threshold,
)

THRESHOLDS.add("laplace", LAPLACE, "Laplace (LapSum)")
THRESHOLDS.add("logistic", LOGISTIC, "logistic (k-hot, SOFT)")
THRESHOLDS.add("clip", _clip(1), "clipped line (Sander p = 2)")
THRESHOLDS.add("clip_squared", _clip(2), "clipped square (Sander p = 3/2)")
THRESHOLDS.add("clip_cubed", _clip(3), "clipped cube (Sander p = 4/3)")
THRESHOLDS.add("capped_exp", CAPPED_EXP, "capped exponential")
THRESHOLDS.add("dftopk", LOGISTIC._replace(solve=midpoint, constrained=False), "logistic about the gap (DFTopK)")
