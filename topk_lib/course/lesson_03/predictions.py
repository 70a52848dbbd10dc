"""The answers to the predictions of lesson 03, computed."""

from __future__ import annotations

import numpy as np

from ...networks import Network, odd_even, selects_top_k
from ...sorters import SortingNetwork
from ...tracing import trace
from ..example import NAMES, SCORES, scores
from .wires import as_lists, without


def _arrival() -> tuple[int, str]:
    fox = NAMES.index("fox")
    lanes = [int(stage.shares[:, fox].argmax()) for stage in trace(odd_even(6), SCORES)]
    layer = lanes.index(5)
    path = ", ".join(map(str, lanes))
    text = (
        f"The lanes of fox, from its entry on, are {path}. In layer 1 it meets cat, below it, and stays; then it "
        f"climbs a lane per layer, and after layer {layer} the top lane holds {max(SCORES):.1f}."
    )
    return layer - 4, text


def _missing() -> tuple[int, str]:
    layers = as_lists(odd_even(6))
    damaged = [without(layers, t, i) for t, layer in enumerate(layers) for i in range(len(layer))]
    networks = [Network("damaged", 6, tuple(np.array(layer, int).reshape(-1, 2) for layer in d)) for d in damaged]
    sort_all = sum(map(selects_top_k, networks))
    sort_six = sum(list(network.apply(SCORES)) == sorted(SCORES) for network in networks)
    text = (
        f"{sort_all} of {len(networks)} damaged networks sort every input, but {sort_six} of them still sort our six "
        f"scores from {max(SCORES):.1f} to {min(SCORES):.1f}. One example that comes out right says little."
    )
    return (0 if sort_all == 0 else 1 if sort_all < 8 else 2), text


def _soft_best() -> tuple[int, str]:
    soft = (SortingNetwork("odd_even", steepness=4.0)(scores()) @ scores()).tolist()
    position = 1 if soft[0] < 1.995 else 2 if soft[0] > 2.005 else 0
    return position, (
        f"The outputs are {', '.join(f'{value:.2f}' for value in soft)}, and the scores went from {max(SCORES):.2f} to "
        f"{min(SCORES):.2f}. Every output is a mixture of scores, so the ends move inwards; the sum stays "
        f"{sum(soft) + 0.0:.2f}."
    )


ANSWERS = {"3.a": _arrival, "3.b": _missing, "3.c": _soft_best}
