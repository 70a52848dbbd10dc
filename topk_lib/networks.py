"""Comparator networks as data: which lanes meet in which layer. No scores, no softness.

Lanes are numbered 0 … n-1 and the outputs ascend: the largest score leaves on lane n-1, so the top k leave on the
last k lanes. Networks are cached and immutable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import _validate
from .caching import kept

LIMIT_0_1 = 20
"""Largest number of lanes for the exhaustive 0-1 check: 2^20 inputs."""


@dataclass(frozen=True, eq=False)
class Network:
    """A comparator network.

    Attributes:
        kind: the name of its construction.
        n: number of lanes.
        layers: one integer array of shape (comparators, 2) per layer. Column 0 is the lane that receives the
            minimum, column 1 the lane that receives the maximum. No lane occurs twice in a layer.
    """

    kind: str
    n: int
    layers: tuple[np.ndarray, ...]

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    @cached_property
    def size(self) -> int:
        """Number of comparators."""
        return sum(len(layer) for layer in self.layers)

    def prune(self, k: int) -> Network:
        """The same network without the comparators that cannot reach the last k lanes (the top k are unchanged).

        Raises:
            ValueError: if k is not between 1 and n.
        """
        kept = (layer[mask] for layer, mask in zip(self.layers, self.needed(k), strict=True))
        return Network(self.kind, self.n, tuple(layer for layer in kept if len(layer)))

    def needed(self, k: int) -> tuple[np.ndarray, ...]:
        """Per layer, which of its comparators can reach the last k lanes: boolean arrays of shape (comparators,).

        Raises:
            ValueError: if k is not between 1 and n.
        """
        k = _validate.integer("k", k, 1, self.n)
        live = np.zeros(self.n, bool)
        live[self.n - k :] = True
        masks = []
        for layer in reversed(self.layers):
            masks.append(live[layer].any(axis=1))
            live[layer[masks[-1]]] = True
        return tuple(reversed(masks))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Run the hard network on an array of shape (..., n); the last axis comes out ascending."""
        values = np.array(values)
        for layer in self.layers:
            a, b = values[..., layer[:, 0]], values[..., layer[:, 1]]
            values[..., layer[:, 0]], values[..., layer[:, 1]] = np.minimum(a, b), np.maximum(a, b)
        return values


def _network(kind: str, n: int, layers: Iterable[np.ndarray]) -> Network:
    arrays = tuple(layer for layer in layers if len(layer))
    for array in arrays:
        array.setflags(write=False)
    return Network(kind, n, arrays)


@kept
def odd_even(n: int) -> Network:
    """Odd-even transposition sort: n layers of neighbours, n(n-1)/2 comparators (Knuth, TAOCP 3, 5.3.4)."""
    n = _validate.integer("n", n, 1)
    lows = (np.arange(t % 2, n - 1, 2) for t in range(n))
    return _network("odd_even", n, (np.stack([low, low + 1], axis=1) for low in lows))


@kept
def bitonic(n: int) -> Network:
    """Batcher's bitonic sorter, O(n log² n) comparators, for any n (Batcher 1968).

    For n that is no power of two, the next larger sorter is built and its lowest lanes, thought to carry minus
    infinity, are deleted.
    """
    n = _validate.integer("n", n, 1)
    bits = (n - 1).bit_length()
    absent = (1 << bits) - n
    lanes = np.arange(1 << bits)
    layers = []
    for block in range(bits):
        for h in (1 << shift for shift in range(block, -1, -1)):
            a = lanes[(lanes & h == 0) & (lanes >= absent)]
            down = (a >> (block + 1)) & 1 == 1
            layers.append(np.where(down[:, None], np.stack([a + h, a], 1), np.stack([a, a + h], 1)) - absent)
    return _network("bitonic", n, layers)


@kept
def splitter_selection(n: int, k: int) -> Network:
    """Splitter selection network: only the last k lanes come out sorted (Petersen et al. 2022).

    Cascades of comparators with halving strides find the largest of a list and tell, for every other member, by
    how many it is beaten at least. Lanes whose minimum rank reaches k drop out; the rest go on until ranks 0 … k-1
    are settled. About n comparators suffice for the first rank, a few more for each further one.

    Raises:
        ValueError: if n < 1 or k is not between 1 and n.
    """
    n = _validate.integer("n", n, 1)
    k = _validate.integer("k", k, 1, n)
    rank = np.zeros(n, np.int64)
    free = np.zeros(n, np.int64)
    layers: list[list[np.ndarray]] = []
    settled, changed = -1, True
    while changed:
        changed = False
        for r in range(k - 1, settled, -1):
            lanes = np.flatnonzero(rank == r)
            if len(lanes) < 2:
                continue
            changed = True
            cascade = _cascade(lanes)
            start = int(free[lanes].max())
            layers.extend([] for _ in range(start + len(cascade) - len(layers)))
            for t, pairs in enumerate(cascade):
                # ranks count from the largest: mirrored, the winner moves towards lane n-1
                layers[start + t].append(n - 1 - pairs[:, ::-1])
            rank[lanes] += (1 << _ones(np.arange(len(lanes)))) - 1
            free[lanes] = start + len(cascade)
        settled += 1
    return _network("splitter_selection", n, (np.concatenate(layer) for layer in layers))


def _cascade(lanes: np.ndarray) -> list[np.ndarray]:
    """Layers of (winner, loser) pairs that bring the largest to lanes[0], with strides …, 4, 2, 1."""
    q = len(lanes)
    layers = []
    for h in (1 << shift for shift in reversed(range((q - 1).bit_length()))):
        j = np.arange(q - h)
        j = j[j & h == 0]
        layers.append(np.stack([lanes[j], lanes[j + h]], axis=1))
    return layers


def _ones(numbers: np.ndarray) -> np.ndarray:
    """How many binary digits of each number are 1."""
    digits = range(int(numbers.max()).bit_length())
    return sum(((numbers >> digit) & 1 for digit in digits), np.zeros_like(numbers))


KINDS: dict[str, Callable[[int, int], Network]] = {
    "odd_even": lambda n, k: odd_even(n).prune(k),
    "bitonic": lambda n, k: bitonic(n).prune(k),
    "splitter_selection": lambda n, k: splitter_selection(n, k).prune(k),
}
"""Every kind as a function of (n, k): the network that brings the top k, sorted, to the last k lanes."""


@kept
def top_k_network(kind: str, n: int, k: int) -> Network:
    """The network of the given kind for the top k of n lanes, pruned to what those k outputs need."""
    return KINDS[_validate.choice("kind", kind, KINDS)](n, k)


def selects_top_k(network: Network, k: int | None = None) -> bool:
    """Check by the 0-1 principle that the network sorts (k=None) or brings the top k, sorted, to the last k lanes.

    A comparator network does so for all inputs if and only if it does so for all 2^n inputs of zeros and ones
    (Knuth, TAOCP 3, theorem 5.3.4Z; the proof thresholds the input at each value and serves selection as well).

    Args:
        network: at most `LIMIT_0_1` lanes.
        k: number of top ranks asked for; all n by default.

    Raises:
        ValueError: if the network has too many lanes or k is out of range.
    """
    if network.n > LIMIT_0_1:
        raise ValueError(f"network must have at most {LIMIT_0_1} lanes to be checked exhaustively, got {network.n}")
    k = network.n if k is None else _validate.integer("k", k, 1, network.n)
    inputs = (np.arange(1 << network.n)[:, None] >> np.arange(network.n)) & 1
    inputs = inputs.astype(np.uint8)
    outputs = network.apply(inputs)[:, ::-1][:, :k]
    return bool((outputs == (inputs.sum(axis=1, keepdims=True) > np.arange(k))).all())
