"""Exercise 3.1: a vector through a hard network."""

from __future__ import annotations

import torch

from ..attempt import Attempt, Watched
from ..comparing import agrees, imitates
from ..example import SCORES
from ..grading import Exercise, Mistake, Property
from .wires import Layers, bitonic_layers, flipped, odd_even_layers, sent_through, upwards


def run_network(layers, values):
    """The values on the lanes after all layers: low receives the smaller of each pair, high the larger."""
    values = list(values)
    for layer in layers:
        for low, high in layer:
            if values[low] > values[high]:
                values[low], values[high] = values[high], values[low]
    return values


def _reference(layers: Layers, values: list) -> torch.Tensor:
    return torch.tensor(sent_through(layers, values))


def _one_pair() -> list[tuple]:
    return [([[(0, 1)]], list(pair)) for pair in ((2.0, 1.0), (1.0, 2.0), (-1.0, -3.0))]


def _other_way() -> list[tuple]:
    return [([[(1, 0)]], [1.0, 2.0]), ([[(2, 0)]], [1.0, 5.0, 2.0])]


def _whole() -> list[tuple]:
    return [(odd_even_layers(6), list(SCORES)), (odd_even_layers(6), sorted(SCORES, reverse=True))]


def _bitonic() -> list[tuple]:
    return [(bitonic_layers(8), [0.5, 2.0, -1.0, 3.0, -2.5, 1.0, 0.0, -0.5]), (bitonic_layers(6), list(SCORES))]


def _unfinished() -> list[tuple]:
    return [(odd_even_layers(6)[:t], list(SCORES)) for t in (0, 1, 2, 3)]


def _cases() -> list[tuple]:
    return _one_pair() + _other_way() + _whole() + _bitonic() + _unfinished()


def _name(layers: Layers, values: list) -> str:
    pairs = sum(map(len, layers))
    return f"{len(layers)} layers, {pairs} comparators, values {values}"


def _imitates_change(change) -> object:
    """Whether an attempt does what the right answer does with changed arguments, wherever that makes a difference."""
    return imitates(lambda layers, values: _reference(*change(layers, values)), _cases)


def _copied_too_late(layers: Layers, values: list) -> torch.Tensor:
    values = list(values)
    for low, high in (pair for layer in layers for pair in layer):
        values[low] = min(values[low], values[high])
        values[high] = max(values[low], values[high])
    return torch.tensor(values)


def _keeps_its_input(attempt: Attempt) -> str | None:
    values = Watched(SCORES)
    attempt.tensor(odd_even_layers(6), values, shape=(6,))
    return None if values == list(SCORES) else f"the list that was handed over is now {values}"


RUN_NETWORK = Exercise(
    id="3.1",
    title="Run a hard network",
    difficulty="easy",
    minutes=8,
    task=(
        "Write `run_network(layers, values)`, which sends a list of numbers through a network of hard comparators and "
        "returns what is on the lanes at the end, lane 0 first."
    ),
    requirements=(
        "`layers` is a list of layers, from left to right; a layer is a list of pairs `(low, high)` of lane numbers.",
        "Lane `low` receives the smaller value of the pair and lane `high` the larger one; `low` may be the larger "
        "number, as in a bitonic network.",
        "Return a new list of the same length; the list you were given must stay as it is.",
    ),
    why="A network is nothing but this list of pairs; whoever can run it can trace any of them on paper.",
    hints=(
        "Copy the values first. Then go through the layers, and in each layer through its pairs.",
        "A pair is out of order when the value on lane low is the larger one. What has to happen then?",
        "Both lanes change at the same moment: assign two values in one line, so that neither is lost.",
    ),
    takeaway="The wiring is fixed before any value is known; only the swaps depend on the values.",
    reference=run_network,
    imports="",
    properties=(
        Property("one comparator puts the smaller value on lane low", agrees(_reference, _one_pair, _name)),
        Property("a comparator (1, 0) puts the larger value on lane 0", agrees(_reference, _other_way, _name)),
        Property("the odd-even network sorts the six scores, in any order", agrees(_reference, _whole, _name)),
        Property("the bitonic network, with both directions, sorts too", agrees(_reference, _bitonic, _name)),
        Property("an unfinished network leaves what it has not sorted", agrees(_reference, _unfinished, _name)),
        Property("the list that was handed over is not changed", _keeps_its_input),
    ),
    mistakes=(
        Mistake(
            "the larger value sent to low",
            "Your comparators work the other way round: swap when the value on lane low is the larger one.",
            _imitates_change(lambda layers, values: (flipped(layers), values)),
        ),
        Mistake(
            "the order of the pair ignored",
            "You send the larger value to the lane with the higher number. In (1, 0) it belongs on lane 0.",
            _imitates_change(lambda layers, values: (upwards(layers), values)),
        ),
        Mistake(
            "a value overwritten too early",
            "After you have changed one lane, the other still needs the old value. Assign both at once.",
            imitates(_copied_too_late, _cases),
        ),
        Mistake(
            "sorted without the network",
            "You sort whatever comes in. An unfinished or broken network must give an unsorted answer.",
            imitates(lambda layers, values: torch.tensor(sorted(values)), _cases),
        ),
        Mistake(
            "only the first layer run",
            "You stop after the first layer. Look how far your return line is indented.",
            _imitates_change(lambda layers, values: (layers[:1], values)),
        ),
        Mistake(
            "the input changed in place",
            "Your answer is right, but the caller's list is changed as well. Begin with a copy: list(values).",
            lambda attempt: imitates(_reference, _cases)(attempt) and _keeps_its_input(attempt) is not None,
        ),
    ),
)
