"""This kit against the authors' released code, on the settings that tests/oracle holds."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import torch

from ...experiments.results import REPOSITORY
from ...losses import TopKCrossEntropyLoss
from ...sorters import make_sorter

STORE = REPOSITORY / "tests" / "oracle" / "difftopk.npz"
SAME = 1e-5


class Distances(NamedTuple):
    """Per setting, the largest difference in the loss and in any entry of the gradient; arrays of shape (settings,).

    Attributes:
        ours: this kit in float32, from the authors' code in float64.
        theirs: the authors' code in float32, from itself in float64.
    """

    ours: np.ndarray
    theirs: np.ndarray


def distances() -> Distances:
    """Run this kit on all stored settings.

    Raises:
        FileNotFoundError: the store is not there; it is part of the repository, not of the installed package.
    """
    with np.load(STORE) as file:
        store = dict(file)
    rows, cases = json.loads(str(store["rows"])), json.loads(str(store["cases"]))
    end, ours, theirs = 0, [], []
    for index, row in enumerate(rows):
        loss, gradient = _run(row, cases[row["case"]])
        start, end = end, end + gradient.size
        exact = np.append(store["grad64"][start:end], store["loss64"][index])
        single = np.append(store["grad32"][start:end], store["loss32"][index])
        ours.append(np.abs(np.append(gradient, loss) - exact).max())
        theirs.append(np.abs(single - exact).max())
    return Distances(np.array(ours), np.array(theirs))


def _run(row: dict, case: dict) -> tuple[float, np.ndarray]:
    if row["distribution"] is None:
        settings = {"temperature": 1 / row["beta"]}
    else:
        settings = {"steepness": row["beta"], "distribution": row["distribution"], "art_lambda": row["art_lambda"]}
    sorter = make_sorter(row["method"], **settings)
    loss_fn = TopKCrossEntropyLoss(case["p_k"], sorter, m=row["m"], top1_mode=row["top1_mode"])
    logits = torch.tensor(case["logits"]).float().requires_grad_()
    loss = loss_fn(logits, torch.tensor(case["target"]))
    (gradient,) = torch.autograd.grad(loss, logits)
    return loss.item(), gradient.double().numpy().ravel()
