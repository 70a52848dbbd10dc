"""Small grids, and records of runs that were never done."""

from __future__ import annotations

from topk_lib.experiments.grids.grid import Grid
from topk_lib.experiments.grids.grid_runs import GridFolder
from topk_lib.experiments.training.evaluate import KS

TINY = {"dataset": "cifar10", "model": "linear", "epochs": 2, "batch_size": 16, "device": "cpu", "precision": "float32"}
CE, TOPK = {"loss": "ce"}, {"loss": "topk", "p_k": (0.5, 0.5)}


def small_grid(**changes):
    usual = {
        "conditions": {"tiny": TINY},
        "losses": {"cross-entropy": CE, "even": TOPK},
        "seeds": (0, 1),
        "tune": {"lr": (0.01, 0.1)},
        "validation": 12,
    }
    return Grid(**usual | changes)


def all_jobs(runs: GridFolder, lr: float):
    """Tuning, and tests at this rate."""
    grid = runs.grid
    return [job for cell in grid.cells for job in (*grid.tuning(cell), *grid.tests(cell, (("lr", lr),)))]


def made_up(runs: GridFolder, job, accuracy: float = 0.5, **more):
    """A record of a run with these accuracies."""
    final = {f"top{k}": accuracy + 0.02 * k for k in KS}
    data = {"name": "tiny", "classes": 6, "train_images": 96, "test_images": 23}
    settings = {"run": runs.describe(job), "config": runs.grid.config(job).resolved(), "data": data, "final": final}
    return {**settings, "commit": "c0ffee", "versions": {}, "machine": {}, "train_seconds": 2.0, **more}
