"""Comparator networks: what they sort, how large they are, what pruning keeps."""

import numpy as np
import pytest

from topk_lib import networks
from topk_lib.networks import Network, bitonic, odd_even, selects_top_k, splitter_selection


@pytest.mark.parametrize("n", range(1, 11))
@pytest.mark.parametrize("build", [odd_even, bitonic])
def test_full_sorters_sort_every_zero_one_input(build, n):
    assert selects_top_k(build(n))


@pytest.mark.parametrize("n", range(1, 11))
def test_splitter_selects_the_top_k_of_every_zero_one_input(n):
    assert all(selects_top_k(splitter_selection(n, k), k) for k in range(1, n + 1))


@pytest.mark.parametrize("kind", networks.KINDS)
@pytest.mark.parametrize("n", [2, 5, 8, 10])
def test_pruning_keeps_the_top_k(kind, n):
    for k in range(1, n + 1):
        assert selects_top_k(networks.top_k_network(kind, n, k), k)


def test_the_zero_one_check_sees_one_missing_or_turned_comparator():
    full = bitonic(8)
    for t, layer in enumerate(full.layers):
        missing = networks.Network("x", 8, (*full.layers[:t], layer[1:], *full.layers[t + 1 :]))
        turned = np.vstack([layer[:1, ::-1], layer[1:]])
        mirrored = networks.Network("x", 8, (*full.layers[:t], turned, *full.layers[t + 1 :]))
        assert not selects_top_k(missing)
        assert not selects_top_k(mirrored)


@pytest.mark.parametrize(
    ("n", "k", "depth", "size"),
    [(16, 5, 10, 50), (50, 5, 15, 181), (100, 5, 17, 385), (1000, 5, 22, 5085), (10450, 5, 27, 68085)],
)
def test_splitter_selection_has_the_published_size(n, k, depth, size):
    network = splitter_selection(n, k)
    assert (network.depth, network.size) == (depth, size)


@pytest.mark.parametrize(("n", "depth", "size"), [(16, 10, 80), (50, 21, 492), (100, 28, 1334), (1000, 55, 27268)])
def test_bitonic_has_the_published_size(n, depth, size):
    assert (bitonic(n).depth, bitonic(n).size) == (depth, size)


def test_odd_even_has_n_layers_and_n_choose_2_comparators():
    assert (odd_even(100).depth, odd_even(100).size) == (100, 4950)


@pytest.mark.parametrize(
    ("network", "k", "size"),
    [(splitter_selection(100, 1), 1, 99), (splitter_selection(1000, 5), 5, 3046), (odd_even(100), 5, 2694)],
)
def test_pruned_sizes(network, k, size):
    assert network.prune(k).size == size


def test_needed_is_every_comparator_that_touches_a_lane_on_the_way_to_the_top():
    layers = (np.array([[0, 1], [3, 2]]), np.array([[2, 1]]), np.array([[3, 0]]))
    masks = Network("made up", 4, layers).needed(1)
    assert [mask.tolist() for mask in masks] == [[True, True], [False], [True]]
    assert [mask.tolist() for mask in Network("made up", 4, layers).needed(2)] == [[True, True], [True], [True]]


def test_unpruned_splitter_for_one_rank_compares_316_times():
    assert splitter_selection(100, 1).size == 316


def test_no_lane_meets_twice_in_a_layer():
    for network in (bitonic(37), odd_even(12), splitter_selection(37, 6)):
        for layer in network.layers:
            assert len(np.unique(layer)) == layer.size


def test_apply_sorts_any_leading_shape():
    values = np.random.default_rng(0).normal(size=(2, 3, 13))
    np.testing.assert_array_equal(bitonic(13).apply(values), np.sort(values, axis=-1))


def test_networks_are_cached_and_immutable():
    assert bitonic(9) is bitonic(9)
    with pytest.raises(ValueError, match="read-only"):
        bitonic(9).layers[0][0, 0] = 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: odd_even(0), r"n must be at least 1, got 0"),
        (lambda: splitter_selection(4, 5), r"k must be between 1 and 4, got 5"),
        (lambda: bitonic(4).prune(0), r"k must be between 1 and 4, got 0"),
        (lambda: selects_top_k(odd_even(21)), r"network must have at most 20 lanes .*got 21"),
        (lambda: networks.top_k_network("shell", 4, 2), r"kind must be one of 'odd_even', .*got 'shell'"),
    ],
)
def test_wrong_sizes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_size_that_is_no_int_is_a_type_error():
    with pytest.raises(TypeError, match=r"n must be an int, got 4.0 \(float\)"):
        bitonic(4.0)
