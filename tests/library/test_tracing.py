"""A traced network ends where the library's sorter ends, and every stage on the way is a soft permutation."""

import numpy as np
import pytest
import torch

from topk_lib import SortingNetwork
from topk_lib.networks import bitonic, odd_even, splitter_selection
from topk_lib.sigmoids import SIGMOIDS, Comparator
from topk_lib.tracing import trace

NETWORKS = {"odd_even": odd_even, "bitonic": bitonic, "splitter_selection": lambda n: splitter_selection(n, n)}


def drawn(n):
    return np.random.default_rng(n).normal(size=n)


@pytest.mark.parametrize("distribution", SIGMOIDS)
@pytest.mark.parametrize("kind", NETWORKS)
def test_last_stage_is_the_sorters_matrix_and_its_product_with_the_scores(kind, distribution):
    for n in (1, 2, 5, 8):
        scores = drawn(n)
        last = trace(NETWORKS[kind](n), scores, Comparator(distribution, 1.5))[-1]
        P = SortingNetwork(kind, 1.5, distribution)(torch.from_numpy(scores)).numpy()
        np.testing.assert_allclose(last.shares[::-1], P, atol=1e-12)
        np.testing.assert_allclose(last.values[::-1], P @ scores, atol=1e-12)


@pytest.mark.parametrize("kind", NETWORKS)
def test_without_softness_every_stage_is_what_the_network_does(kind):
    network, scores = NETWORKS[kind](7), np.array([3.0, -1, 2, 2, 0, 5, -4])
    stages = trace(network, scores)
    assert len(stages) == network.depth + 1
    np.testing.assert_array_equal(stages[-1].values, np.sort(scores))
    for stage in stages:
        assert set(np.unique(stage.shares)) == {0.0, 1.0}
        np.testing.assert_array_equal(stage.shares @ scores, stage.values)


def test_stages_are_doubly_stochastic_and_carry_the_values():
    network, scores = bitonic(6), drawn(6)
    for stage in trace(network, scores, Comparator("logistic", 0.7)):
        np.testing.assert_allclose(stage.shares.sum(0), 1)
        np.testing.assert_allclose(stage.shares.sum(1), 1)
        np.testing.assert_allclose(stage.shares @ scores, stage.values)


def test_first_stage_is_the_input_and_alpha_is_that_of_the_comparator():
    scores, comparator = (0.4, 2.0, -1.5), Comparator("cauchy", 2.0)
    first, second, *_ = trace(odd_even(3), scores, comparator)
    assert first.values.tolist() == list(scores) and first.alpha.size == 0
    assert (first.shares == np.eye(3)).all()
    assert second.alpha == pytest.approx([np.arctan(2 * 1.6) / np.pi + 0.5])
    assert second.values[0] == pytest.approx(second.alpha[0] * 0.4 + (1 - second.alpha[0]) * 2.0)
    assert second.values[2] == -1.5


def test_hard_swaps_keep_equal_scores_in_place():
    assert (trace(odd_even(4), [1.0] * 4)[-1].shares == np.eye(4)).all()


def test_tracing_leaves_the_scores_alone():
    scores = np.array([2.0, 1.0])
    trace(odd_even(2), scores)
    assert scores.tolist() == [2.0, 1.0]


@pytest.mark.parametrize("scores", [[1.0], [1.0, float("nan")], [[1.0, 2.0]]])
def test_scores_that_do_not_fit_are_refused(scores):
    with pytest.raises(ValueError, match="scores must hold one finite number for each of 2 lanes"):
        trace(odd_even(2), scores)
