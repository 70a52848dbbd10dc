"""Other people's code for the same aim, as far as it is installed."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import sys
import types
import warnings
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from topk_lib.losses.selection import select_m

from .cases import DISTRIBUTION, P_K, STEEPNESS, Case
from .steps import Compute

PEERS = {
    "difftopk": 'pip install -e ".[bench]"',
    "diffsort": 'pip install -e ".[bench]"',
    "torchsort": "pip install --no-deps --no-build-isolation torchsort (it compiles against the installed torch)",
    "softtorch": "pip install softtorch (Python 3.12 or later)",
    "pytopk": 'pip install -e ".[bench]"',
}
"""Every peer, and how to get it."""

DIFFTOPK_METHODS = {
    "odd_even": ("odd_even",),
    "bitonic": ("bitonic",),
    "splitter_selection": ("splitter_selection",),
    "neuralsort": ("neuralsort",),
    "softsort": ("softsort",),
}
"""Its names for what gives the same loss."""
DENSE_METHODS = {"bitonic": "bitonic__non_sparse"}
"""Those that multiply dense matrices, and so can do without torch-sparse."""

DIFFSORT_KINDS = ("odd_even", "bitonic")
EPS = 1e-7


def installed() -> dict[str, str]:
    """Versions of the peers that can be imported."""
    found = {}
    for name in PEERS:
        with contextlib.suppress(ImportError, OSError), quiet():
            importlib.import_module(name)
            found[name] = importlib.metadata.version(name)
    return found


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Inside, peers neither print nor warn, and difftopk finds what it wants of torch-sparse."""
    _stand_in_for_torch_sparse()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def has_torch_sparse() -> bool:
    """Whether the real torch-sparse serves difftopk's sparse methods."""
    return not isinstance(sys.modules.get("torch_sparse"), _StandIn) and bool(importlib.util.find_spec("torch_sparse"))


def difftopk_loss(case: Case, method: str, device: str = "cpu") -> Compute:
    """The loss of the paper's authors."""
    from difftopk import TopKCrossEntropyLoss

    settings = {"n": case.classes, "m": case.m, "distribution": DISTRIBUTION, "top1_mode": "sm", "device": device}
    return TopKCrossEntropyLoss(method, STEEPNESS, list(P_K), **settings)


def diffsort_loss(case: Case) -> Compute:
    """The same loss read off diffsort's permutation matrix; where m is given, after this library's m-selection."""
    from diffsort import DiffSortNet

    net = DiffSortNet(case.sorter, case.sorted_classes, steepness=STEEPNESS, distribution=DISTRIBUTION)

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        if case.m is not None:
            logits = logits.gather(1, select_m(logits, labels, case.m))
            labels = torch.zeros_like(labels)
        return loss_of_matrix(net(logits)[1], logits, labels)

    return loss


def loss_of_matrix(matrix: Tensor, scores: Tensor, labels: Tensor) -> Tensor:
    """The top-k loss, mode "sm", from a whole matrix (B, classes, ranks) whose best rank is the last one."""
    samples = torch.arange(len(labels))
    within = matrix[samples, labels, -len(P_K) :].flip(1).cumsum(1)
    p_k = torch.tensor(P_K)
    probability = p_k[0] * scores.softmax(1)[samples, labels] + within[:, 1:] @ p_k[1:]
    return -torch.log(probability * (1 - 2 * EPS) + EPS).mean()


def soft_rank(name: str) -> Compute:
    """The mean of squared soft ranks: these peers have no top-k loss, but a soft rank of every score."""
    ranks = {"torchsort": _torchsort_ranks, "softtorch": _softtorch_ranks}[name]
    return lambda logits, labels: F.mse_loss(ranks(logits), torch.zeros_like(logits))


def _torchsort_ranks(scores: Tensor) -> Tensor:
    import torchsort

    return torchsort.soft_rank(scores)


def _softtorch_ranks(scores: Tensor) -> Tensor:
    import softtorch

    return softtorch.rank(scores, dim=-1)


def noised_topk(classes: int) -> Compute:
    """The balanced noised top-k hinge of its authors, as this library's by default."""
    from pytopk import BalNoisedTopK

    return BalNoisedTopK(k=5, epsilon=1.0, n_sample=5)


def softtorch_softsort(classes: int) -> Compute:
    """The top-k loss read off softtorch's SoftSort at the temperature 1."""
    import softtorch

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        rows = softtorch.topk(logits, len(P_K), dim=-1, softness=1.0, method="softsort", standardize=False).indices
        return loss_of_matrix(rows.flip(1).mT, logits, labels)

    return loss


def softtorch_sinkhorn(classes: int) -> Compute:
    """The same read off its optimal transport. Its places lie in [0, 1], without a half before the squares."""
    import softtorch

    def loss(logits: Tensor, labels: Tensor) -> Tensor:
        rows = softtorch.argsort(logits, softness=2 / (classes - 1), method="ot", standardize=False)
        return loss_of_matrix(rows.mT, logits, labels)

    return loss


PEER_LOSSES: dict[str, dict[str, Callable[[int], Compute]]] = {
    "noised_topk": {"pytopk": noised_topk},
    "softsort": {"softtorch": softtorch_softsort},
    "sinkhorn": {"softtorch": softtorch_sinkhorn},
}
"""By loss, or sorter of the top-k loss, the peers that have the same one with this library's default settings."""


class _StandIn(types.ModuleType):
    """What is found in torch-sparse's place."""


def _stand_in_for_torch_sparse() -> None:
    """difftopk's sparse methods call one function of torch-sparse, which is three operations of torch: these."""

    def spmm(index: Tensor, value: Tensor, m: int, n: int, matrix: Tensor) -> Tensor:
        row, column = index
        terms = matrix.index_select(0, column) * value.unsqueeze(1)
        return terms.new_zeros(m, terms.shape[1]).scatter_add(0, row.unsqueeze(1).expand_as(terms), terms)

    if importlib.util.find_spec("torch_sparse") is None:
        module = _StandIn("torch_sparse")
        module.__spec__ = importlib.machinery.ModuleSpec("torch_sparse", None)
        module.spmm = spmm
        sys.modules["torch_sparse"] = module
