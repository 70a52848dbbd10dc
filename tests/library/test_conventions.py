"""Other people's packages, where they are installed, on the same scores: direction, rank base, and what softness means.

`docs/alternatives.md` says which of their words is which of ours. None of them is needed: what is missing is skipped.
"""

import pytest
import torch
from torch.testing import assert_close

from topk_lib import NeuralSort, Relaxation, SoftSort, SoftTopK, SortingNetwork

SCORES = torch.tensor([[0.4, 2.0, -1.5, 1.1], [3.0, -0.7, 0.2, 0.9]], dtype=torch.float64)
RANKS = torch.tensor([[3.0, 1.0, 4.0, 2.0], [1.0, 4.0, 3.0, 2.0]], dtype=torch.float64)
SAME_IN_SOFTTORCH: dict[str, Relaxation] = {
    "softsort": SoftSort(0.5),
    "sorting_network": SortingNetwork("bitonic", 1 / 0.5, "logistic"),
}
AS_THEY_ARE = {"softness": 0.5, "standardize": False}


@pytest.fixture
def softtorch():
    return pytest.importorskip("softtorch")


@pytest.fixture(params=["torchsort", "torchpsort"])
def projection(request):
    """The soft sort or the soft ranks of one of two packages, by name, so soft: (function, scores, softness)."""
    package = pytest.importorskip(request.param)
    softness_is = {"torchsort": "regularization_strength", "torchpsort": "tau"}[request.param]
    return lambda function, scores, softness: getattr(package, function)(scores, **{softness_is: softness})


@pytest.mark.parametrize("method", SAME_IN_SOFTTORCH)
def test_softtorch_has_the_same_matrix_once_it_descends(softtorch, method):
    sorter, settings = SAME_IN_SOFTTORCH[method], {"method": method, **AS_THEY_ARE}
    assert_close(softtorch.argsort(SCORES, descending=True, **settings), sorter.matrix(SCORES))
    assert_close(softtorch.sort(SCORES, descending=True, **settings).values, sorter.sort(SCORES))
    assert_close(softtorch.argsort(SCORES, **settings), sorter.matrix(-SCORES))


def test_softtorch_adds_up_to_the_same_top_k(softtorch):
    rows = softtorch.topk(SCORES, 2, method="softsort", **AS_THEY_ARE).indices
    assert_close(rows, SoftSort(0.5).matrix(SCORES, 2))
    every = torch.arange(4).expand(2, 4)
    ours = SoftSort(0.5).topk_probabilities(SCORES.unsqueeze(1).expand(2, 4, 4), every, 2)
    assert_close(rows.sum(-2), ours[..., -1])


def test_softtorch_softens_the_distances_in_neuralsort_as_well(softtorch):
    """So its matrix is close to ours only where the scores are far apart for the softness."""
    settings = {"method": "neuralsort", "descending": True, "standardize": False}
    matrices = ((softtorch.argsort(SCORES, softness=t, **settings), NeuralSort(t).matrix(SCORES)) for t in (0.5, 0.1))
    soft, sharp = ((theirs - ours).abs().max() for theirs, ours in matrices)
    assert sharp < 1e-3 < 1e-2 < soft < 0.1


def test_softtorch_transports_to_two_anchors_as_the_logistic_set_does_at_half_the_scale(softtorch):
    closely = {"sinkhorn_tol": 1e-12, "sinkhorn_max_iter": 10_000}
    theirs = softtorch.argmax(SCORES, dim=-1, method="ot", ot_kwargs=closely, **AS_THEY_ARE)
    assert_close(theirs, SoftTopK("logistic", 0.5 / 2)(SCORES, 1), rtol=1e-6, atol=1e-9)


def test_softtorch_gives_the_best_class_rank_1(softtorch):
    settings = {"dim": -1, "method": "sorting_network", **AS_THEY_ARE}
    assert_close(softtorch.rank(SCORES, **settings), SAME_IN_SOFTTORCH["sorting_network"].ranks(SCORES))
    assert_close(softtorch.rank(SCORES, dim=-1, mode="hard"), RANKS)


def test_projections_sort_and_rank_upwards(projection):
    assert_close(projection("soft_sort", SCORES, 0.01), SCORES.sort(-1).values)
    assert_close(projection("soft_sort", SCORES, 0.01).flip(-1), SoftSort(0.01).sort(SCORES))
    assert_close(5 - projection("soft_rank", SCORES, 0.01), SoftSort(0.01).ranks(SCORES))
    assert_close(5 - projection("soft_rank", SCORES, 0.01), RANKS)


def test_projections_keep_the_sums_as_doubly_stochastic_matrices_do(projection):
    for softness in (0.5, 5.0):
        network = SortingNetwork(steepness=1 / softness)
        assert_close(projection("soft_sort", SCORES, softness).sum(-1), network.sort(SCORES).sum(-1))
        assert_close(projection("soft_rank", SCORES, softness).sum(-1), network.ranks(SCORES).sum(-1))
