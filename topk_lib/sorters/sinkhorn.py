"""SinkhornSort: sorting as entropic optimal transport (Cuturi, Teboul and Vert, NeurIPS 2019)."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F
from torch import Tensor

from .. import _validate
from .base import Sorter


class SinkhornSort(Sorter):
    """The doubly stochastic P that minimises ½ Σ P_rj (b_r - s_j)² + τ Σ P_rj log P_rj.

    Every score is carried to n sorted places b_r = (n+1)/2 - r, one apart and best first, so τ is measured in the
    same unit as for SoftSort: a gap of a few τ between neighbouring scores is sorted nearly hard. (With places
    spread over [0, 1], as in the source, the same P is had at τ/(n-1).) Squares of b and s drop out: P is
    exp(b_r·s_j / τ) with rows and columns scaled to sum to 1, here by Sinkhorn's iteration in log space.

    The last step is one of Newton's, and its gradient is that of the converged solution by the implicit function
    theorem: no iteration is kept in memory. Permuting the classes permutes the columns.

    Args:
        temperature: τ > 0, in units of score; larger is softer.
        tolerance: stop when every column sum is within this of 1 (rows always are), before the Newton step.
        max_iterations: stop here at the latest, with a warning if the tolerance was not reached.

    Each check of the tolerance, one in ten iterations, waits for the device. Under torch.compile and
    torch.func.vmap nothing is checked and all ``max_iterations`` are run.
    """

    CHECK_EVERY = 10

    def __init__(self, temperature: float = 1.0, tolerance: float = 1e-3, max_iterations: int = 1000) -> None:
        super().__init__()
        self.temperature = _validate.positive_real("temperature", temperature)
        self.tolerance = _validate.positive_real("tolerance", tolerance)
        self.max_iterations = _validate.integer("max_iterations", max_iterations, 1)

    def extra_repr(self) -> str:
        return f"temperature={self.temperature:g}, tolerance={self.tolerance:g}, max_iterations={self.max_iterations}"

    def _rows(self, scores: Tensor, k: int) -> Tensor:
        n = scores.shape[1]
        places = (n - 1) / 2 - torch.arange(n, device=scores.device, dtype=scores.dtype)
        centred = scores - scores.mean(1, keepdim=True)
        kernel = places.unsqueeze(1) * centred.unsqueeze(1) / self.temperature
        with torch.no_grad():
            g = self._iterate(kernel, -_hard_potential(centred, places) / self.temperature)
        return _plan(kernel, _newton_step(kernel, g)).narrow(1, 0, k)

    def _iterate(self, kernel: Tensor, g: Tensor) -> Tensor:
        """The potential g (B, n) at which the plan has (nearly) unit column sums."""
        for iteration in range(1, self.max_iterations + 1):
            log_columns = (kernel + g.unsqueeze(1)).log_softmax(2).logsumexp(1)
            g = g - log_columns
            if iteration % self.CHECK_EVERY == 0 or iteration == self.max_iterations:
                error = _largest_error(log_columns)
                if error <= self.tolerance:
                    return g
        if error > self.tolerance:  # False for NaN, which no iteration mends
            warnings.warn(
                f"SinkhornSort has not converged: a column sum is off by {error:.2g} after max_iterations="
                f"{self.max_iterations} (tolerance={self.tolerance:g}); raise temperature or max_iterations",
                stacklevel=2,
            )
        return g


def _plan(kernel: Tensor, g: Tensor) -> Tensor:
    """exp(kernel + g) with every row divided by its sum, (B, n, n)."""
    return (kernel + g.unsqueeze(1)).softmax(2)


def _hard_potential(scores: Tensor, places: Tensor) -> Tensor:
    """The scores' dual potential of the hard sort, (B, n): where τ → 0 ends, and a good start for every τ.

    The places' potential u is convex with u(b_r) - u(b_{r+1}) between the scores at ranks r and r+1; the middle is
    taken, which is where the entropic solution tends. A score s at rank r then has the potential b_r·s - u(b_r).
    """
    ordered, index = scores.sort(dim=1, descending=True)
    middles = (ordered + ordered.roll(-1, 1)).narrow(1, 0, scores.shape[1] - 1) / 2
    u = F.pad(-middles.cumsum(1), (1, 0))
    return torch.zeros_like(scores).scatter(1, index, places * ordered - u)


def _largest_error(log_columns: Tensor) -> float:
    """The largest deviation of a column sum from 1; NaN where none can be read (compile, vmap, empty batch)."""
    if torch.compiler.is_compiling() or log_columns.numel() == 0:
        return float("nan")
    try:
        return float((log_columns.exp() - 1).abs().nan_to_num().max())
    except RuntimeError:
        return float("nan")


def _newton_step(kernel: Tensor, g: Tensor) -> Tensor:
    """One Newton step on "all column sums are 1", which makes autograd's result that of the converged solution.

    The Jacobian of the column sums c is diag(c) - PᵀP. Held constant, it leaves the gradient of the implicit
    function theorem. It is singular along the constants, which change nothing (1/n is added there), and nearly so
    where the sort is nearly hard: a ridge keeps it solvable, and the step's value, not its gradient, is clamped.
    """
    plan = _plan(kernel, g)
    fixed = plan.detach()
    ridge = 10 * torch.finfo(kernel.dtype).eps
    gram = (fixed.double().mT @ fixed.double()).to(kernel.dtype)  # autocast leaves float64 alone
    jacobian = torch.diag_embed(fixed.sum(1) + ridge) - gram + 1 / kernel.shape[1]
    step, _ = torch.linalg.solve_ex(jacobian, 1 - plan.sum(1))
    return g + step.detach().clamp(-0.5, 0.5) + (step - step.detach())
