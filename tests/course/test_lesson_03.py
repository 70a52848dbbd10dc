"""What lesson 03 teaches equals what the library does."""

import itertools

import numpy as np
import pytest
import torch

from topk_lib import SortingNetwork
from topk_lib.course import SCORES, scores
from topk_lib.course.lesson_03.run_network import run_network
from topk_lib.course.lesson_03.soft_layer import soft_layer
from topk_lib.course.lesson_03.wires import as_lists, turned, without
from topk_lib.course.lesson_03.zero_one import sorts_everything
from topk_lib.networks import Network, bitonic, odd_even, selects_top_k, splitter_selection

NETWORKS = [odd_even(6), bitonic(6), bitonic(8), splitter_selection(7, 7)]


def as_network(layers, n):
    return Network("from lists", n, tuple(np.array(layer, int).reshape(-1, 2) for layer in layers))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: f"{network.kind}-{network.n}")
def test_plain_run_is_the_librarys_network(network):
    for values in np.random.default_rng(0).normal(size=(5, network.n)):
        for depth in range(network.depth + 1):
            layers = as_lists(network)[:depth]
            wanted = as_network(layers, network.n).apply(values).tolist()
            assert run_network(layers, values.tolist()) == wanted


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: f"{network.kind}-{network.n}")
def test_plain_soft_layers_give_the_sorters_scores(network):
    values = torch.randn(network.n, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    soft = values
    for layer in as_lists(network):
        soft = soft_layer(soft, layer, 3.0)
    P = SortingNetwork(network.kind, steepness=3.0)(values)
    torch.testing.assert_close(soft.flip(0), P @ values)


def test_plain_check_agrees_with_the_library_on_damaged_networks():
    for network in (odd_even(5), bitonic(6)):
        layers = as_lists(network)
        places = [(t, i) for t, layer in enumerate(layers) for i in range(len(layer))]
        damaged = [change(layers, t, i) for change in (without, turned) for t, i in places]
        verdicts = [sorts_everything(case, network.n) for case in damaged]
        assert verdicts == [selects_top_k(as_network(case, network.n)) for case in damaged]
        assert sorts_everything(layers, network.n)
    # the notes speak of the one superfluous comparator of bitonic(6), the first of layer 1: removed or turned
    assert [i for i, verdict in enumerate(verdicts) if verdict] == [0, len(places)]


def test_two_lanes_that_meet_first_may_change_places():
    sorter, order = SortingNetwork("odd_even", steepness=4.0), torch.tensor([1, 0, 2, 3, 4, 5])
    torch.testing.assert_close(sorter(scores()[order]), sorter(scores())[:, order])


def test_damaged_network_of_the_lesson_fails_on_one_bit_vector_only():
    damaged = without(as_lists(odd_even(6)), 0, 0)
    failing = [x for x in itertools.product((0, 1), repeat=6) if run_network(damaged, x) != sorted(x)]
    assert failing == [(1, 0, 0, 0, 0, 0)] and run_network(damaged, SCORES) == sorted(SCORES)
