"""SinkhornSort: sorting as entropic optimal transport (Cuturi, Teboul and Vert, NeurIPS 2019)."""

from __future__ import annotations

import warnings
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from .. import _validate
from ..settings import Checks
from ..transforms import Function, run, save
from .base import SORTERS, Sorter
from .rank_logits import by_class, rank_logits

CHECK_EVERY = 10
"""Iterations between two looks at the tolerance, which wait for the device."""


@SORTERS.register("sinkhorn", "Sinkhorn")
class SinkhornSort(Sorter):
    """The doubly stochastic P that minimises ½ Σ P_rj (b_r - s_j)² + τ Σ P_rj log P_rj.

    Every score is carried to n sorted places b_r = (n+1)/2 - r, one apart and best first, so τ is measured in the
    same unit as for SoftSort: a gap of a few τ between neighbouring scores is sorted nearly hard. (With places
    spread over [0, 1], as in the source, the same P is had at τ/(n-1).) Squares of b and s drop out: P is
    exp(b_r·s_j / τ) with rows and columns scaled to sum to 1, here by Sinkhorn's iteration in log space. NeuralSort's
    logits are 2·b_r·s_j / τ plus a number per column, so P is also NeuralSort's matrix at twice the τ, so scaled.

    The last step is one of Newton's, and the derivatives are those of the converged solution by the implicit function
    theorem: no iteration is kept in memory. Permuting the classes permutes the columns.

    Args:
        temperature: τ > 0, in units of score; larger is softer. A number, or a tensor of no dimension, which gets a
            gradient.
        tolerance: stop when every column sum is within this of 1 (rows always are), before the Newton step.
        max_iterations: stop here at the latest, with a warning if the tolerance was not reached.

    Each check of the tolerance, one in ten iterations, waits for the device. Under torch.compile and
    torch.func.vmap nothing is checked and all ``max_iterations`` are run.
    """

    CHECKS: ClassVar[Checks] = {
        "temperature": _validate.positive_scalar,
        "tolerance": _validate.positive_real,
        "max_iterations": partial(_validate.integer, low=1),
    }

    temperature: float | Tensor

    def __init__(self, temperature: float | Tensor = 1.0, tolerance: float = 1e-3, max_iterations: int = 1000) -> None:
        super().__init__()
        self.temperature = temperature
        self.tolerance = tolerance
        self.max_iterations = max_iterations

    def top_k_bound(self, k: int) -> float:
        """1: columns sum to 1."""
        return 1.0

    def extra_repr(self) -> str:
        end = f"tolerance={self.tolerance:g}, max_iterations={self.max_iterations}"
        return f"{self.softness_text()}, {end}"

    def rows(self, scores: Tensor, k: int) -> Tensor:
        # the logits at 2τ are b_r·s_j / τ less the potentials of the hard sort: where τ → 0 ends, a start for every τ
        scores, temperature = self.softened(scores)
        kernel, place = rank_logits(scores, scores.shape[1], 2 * temperature)
        potential = run(_Potential, kernel, self.tolerance, self.max_iterations)
        return by_class(_plan(kernel, potential).narrow(1, 0, k), place)


class _Potential(Function):
    """The number per column (B, n), up to a common one, at which the plan of a kernel (B, n, n) has unit column sums.

    Its derivatives are those of the solution, by the implicit function theorem, of any order: the way back is made of
    differentiable operations on the kernel and on the solution itself, which autograd knows as an output.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(kernel, tolerance, max_iterations):
        potential = _iterate(kernel, tolerance, max_iterations)
        plan = _plan(kernel, potential)
        return potential + _solve(plan, 1 - plan.sum(1)).clamp(-0.5, 0.5)  # a step of Newton's

    @staticmethod
    def setup_context(ctx, inputs, output):
        save(ctx, inputs[0], output)

    @staticmethod
    def backward(ctx, grad):
        plan = _plan(*ctx.saved_tensors)
        shares = _solve(plan, grad).unsqueeze(1)
        return plan * ((plan * shares).sum(2, keepdim=True) - shares), None, None

    @staticmethod
    def tangent(ctx, tangent, *_):
        plan = _plan(*ctx.saved_tensors)
        return -_solve(plan, (plan * (tangent - (plan * tangent).sum(2, keepdim=True))).sum(1))


def _plan(kernel: Tensor, potential: Tensor) -> Tensor:
    """exp(kernel + potential) with every row divided by its sum, (B, n, n)."""
    return (kernel + potential.unsqueeze(1)).softmax(2)


def _iterate(kernel: Tensor, tolerance: float, max_iterations: int) -> Tensor:
    """Sinkhorn's iteration from potential 0 until no column sum is off by more than the tolerance."""
    potential, error = torch.zeros_like(kernel.select(1, 0)), None
    for iteration in range(1, max_iterations + 1):
        log_columns = (kernel + potential.unsqueeze(1)).log_softmax(2).logsumexp(1)
        potential = potential - log_columns
        if iteration % CHECK_EVERY == 0 or iteration == max_iterations:
            error = _largest_error(log_columns)
            if error is not None and error <= tolerance:
                return potential
    if error is not None:
        warnings.warn(
            f"SinkhornSort has not converged: a column sum is off by {error:.2g} after max_iterations="
            f"{max_iterations} (tolerance={tolerance:g}); raise temperature or max_iterations",
            stacklevel=2,
        )
    return potential


def _largest_error(log_columns: Tensor) -> float | None:
    """The largest deviation of a column sum from 1; None where none can be read (compile, vmap, empty batch)."""
    if torch.compiler.is_compiling() or log_columns.numel() == 0:
        return None
    try:
        return float((log_columns.exp() - 1).abs().nan_to_num().max())
    except RuntimeError:
        return None


def _solve(plan: Tensor, right: Tensor) -> Tensor:
    """J⁻¹·right (B, n), with J = diag(c) - PᵀP what a change of the potential does to the column sums c.

    J is singular along the constants, which change nothing (1/n is added there), and nearly so where the sort is
    nearly hard: a ridge keeps it solvable.
    """
    wide = plan if plan.device.type == "mps" else plan.double()  # which autocast leaves alone
    gram = (wide.mT @ wide).to(plan.dtype)
    ridge = 10 * torch.finfo(plan.dtype).eps
    jacobian = torch.diag_embed(plan.sum(1) + ridge) - gram + 1 / plan.shape[1]
    if torch._C._are_functorch_transforms_active():  # torch.func.vmap of a Hessian goes wrong in torch's own solve
        return (torch.linalg.inv_ex(jacobian).inverse * right.unsqueeze(1)).sum(2)
    return torch.linalg.solve_ex(jacobian, right).result
