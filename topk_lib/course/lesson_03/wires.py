"""Networks as learners handle them: a list of layers, each a list of (low, high) lanes."""

from __future__ import annotations

from ...networks import Network, bitonic, odd_even

Layers = list[list[tuple[int, int]]]


def as_lists(network: Network) -> Layers:
    """A new list of the network's layers."""
    return [[(low, high) for low, high in layer.tolist()] for layer in network.layers]


def odd_even_layers(n: int) -> Layers:
    """The odd-even network on n lanes."""
    return as_lists(odd_even(n))


def bitonic_layers(n: int) -> Layers:
    """The bitonic network on n lanes, with comparators in both directions."""
    return as_lists(bitonic(n))


def without(layers: Layers, t: int, i: int) -> Layers:
    """The network without comparator i of layer t."""
    return [[pair for j, pair in enumerate(layer) if (s, j) != (t, i)] for s, layer in enumerate(layers)]


def turned(layers: Layers, t: int, i: int) -> Layers:
    """The network with comparator i of layer t the other way round."""
    return [
        [pair[::-1] if (s, j) == (t, i) else pair for j, pair in enumerate(layer)] for s, layer in enumerate(layers)
    ]
