"""SinkhornSort: sorting as entropic optimal transport (Cuturi, Teboul and Vert, NeurIPS 2019)."""

from __future__ import annotations

import warnings

import torch
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
        tolerance: stop when every row sum is within this of 1 (columns then are exact), before the Newton step.
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
        kernel = places[:, None] * centred[:, None, :] / self.temperature
        with torch.no_grad():
            f, g = self._iterate(kernel)
        f, g = _newton_step(kernel, f, g)
        return (kernel + f[:, :, None] + g[:, None, :]).exp()[:, :k]

    def _iterate(self, kernel: Tensor) -> tuple[Tensor, Tensor]:
        """Potentials f, g of shape (B, n) for which kernel + f + g has (nearly) unit row and column sums."""
        g = torch.zeros_like(kernel[:, 0])
        for iteration in range(1, self.max_iterations + 1):
            f = -(kernel + g[:, None, :]).logsumexp(2)
            g = -(kernel + f[:, :, None]).logsumexp(1)
            if iteration % self.CHECK_EVERY == 0 or iteration == self.max_iterations:
                error = _row_error(kernel, f, g)
                if error <= self.tolerance:
                    return f, g
        if error > self.tolerance:  # False for NaN, which no iteration mends
            warnings.warn(
                f"SinkhornSort has not converged: a row sum is off by {error:.2g} after max_iterations="
                f"{self.max_iterations} (tolerance={self.tolerance:g}); raise temperature or max_iterations",
                stacklevel=2,
            )
        return f, g


def _row_error(kernel: Tensor, f: Tensor, g: Tensor) -> float:
    """The largest deviation of a row sum from 1; NaN where values cannot be read (compile, vmap, empty batch)."""
    if torch.compiler.is_compiling() or kernel.numel() == 0:
        return float("nan")
    rows = (kernel + f[:, :, None] + g[:, None, :]).logsumexp(2).exp()
    try:
        return float((rows - 1).abs().nan_to_num().max())
    except RuntimeError:
        return float("nan")


def _newton_step(kernel: Tensor, f: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """One Newton step on "all sums are 1" with a constant Jacobian, which makes autograd's result the implicit one.

    With P = exp(kernel + f + g) the Jacobian is [[diag r, P], [Pᵀ, diag c]], r and c being the sums. Eliminating
    the rows leaves a matrix that is singular along the constants (f + t, g - t change nothing); adding 1/n to it
    picks the solution without such a shift.
    """
    plan = (kernel + f[:, :, None] + g[:, None, :]).exp()
    fixed = plan.detach()
    rows, columns = fixed.sum(2), fixed.sum(1)
    missing_rows, missing_columns = 1 - plan.sum(2), 1 - plan.sum(1)
    scaled = fixed / rows[:, :, None]
    schur = torch.diag_embed(columns) - fixed.mT @ scaled + 1 / kernel.shape[1]
    right = missing_columns - (scaled.mT @ missing_rows[:, :, None]).squeeze(2)
    dg = torch.linalg.solve(schur, right)
    df = (missing_rows - (fixed @ dg[:, :, None]).squeeze(2)) / rows
    return f + df, g + dg
