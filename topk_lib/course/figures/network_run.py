"""One vector on its way through a network: what the network diagram shows and says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ... import _validate
from ...experiments.drawing.style import in_words
from ...networks import Network, bitonic, odd_even, splitter_selection
from ...sigmoids import Comparator
from ...tracing import Stage, trace
from .given import count

FEWEST, MOST_LANES = 2, 16
BUILDERS = {
    "odd_even": lambda n, k: odd_even(n),
    "bitonic": lambda n, k: bitonic(n),
    "splitter_selection": splitter_selection,
}


@dataclass(frozen=True, eq=False)
class Run:
    """A network with one vector sent through its first layers.

    Attributes:
        network: with all its comparators.
        k: number of outputs that are wanted.
        comparator: None where swaps are hard.
        stages: of all layers.
        step: number of layers done.
        names: of the inputs.
    """

    network: Network
    k: int
    comparator: Comparator | None
    stages: list[Stage]
    step: int
    names: tuple[str, ...]

    @cached_property
    def needed(self) -> tuple[np.ndarray, ...]:
        """Per layer, which comparators the top k need."""
        return self.network.needed(self.k)

    @cached_property
    def live(self) -> np.ndarray:
        """(depth + 1, n): whether a wanted output depends on a lane before layer t, or at the end."""
        return live_lanes(self.network, self.k)

    @property
    def settings(self) -> str:
        """How swaps are made, in words."""
        if self.comparator is None:
            return "hard comparators"
        kind = self.comparator.distribution.replace("_", " ")
        return f"soft comparators ({kind}, β = {self.comparator.steepness:g})"

    @property
    def owners(self) -> np.ndarray:
        """Per lane after the last layer done, the input that has the largest share of it."""
        return self.stages[self.step].shares.argmax(axis=1)

    @property
    def comparators(self) -> tuple[int, int]:
        """How many comparators are needed, and how many are not."""
        needed = sum(int(mask.sum()) for mask in self.needed)
        return needed, self.network.size - needed


def live_lanes(network: Network, k: int) -> np.ndarray:
    """(depth + 1, n): whether the top k of a network depend on a lane before layer t, or at the end."""
    live, needed = np.zeros((network.depth + 1, network.n), bool), network.needed(k)
    live[-1, network.n - k :] = True
    for t in reversed(range(network.depth)):
        live[t] = live[t + 1]
        live[t, network.layers[t][needed[t]]] = True
    return live


def make_run(
    kind: str,
    scores: np.ndarray,
    names: Sequence[str],
    k: int | None,
    comparator: Comparator | None,
    step: int | None,
    show_pruned: bool,
) -> Run:
    """The run that `network_diagram` draws; its arguments are explained there."""
    n = len(scores)
    if not FEWEST <= n <= MOST_LANES:
        raise ValueError(f"scores must be {FEWEST} to {MOST_LANES} numbers, got {n}")
    k = n if k is None else _validate.integer("k", k, 1, n)
    network = BUILDERS[_validate.choice("kind", kind, BUILDERS)](n, k)
    if not show_pruned:
        network = network.prune(k)
    step = network.depth if step is None else _validate.integer("step", step, 0, network.depth)
    return Run(network, k, comparator, trace(network, scores, comparator), step, tuple(names))


def caption(run: Run) -> str:
    """The network's size, the numbers on its wires, and what the last layer did with them."""
    needed, pruned = run.comparators
    depth, n = run.network.depth, run.network.n
    size = f"{count(run.network.size, 'comparator')} in {count(depth, 'layer')}"
    left_out = f", of which the top {run.k} need {needed}" if pruned else f", the top {run.k} wanted" * (run.k < n)
    parts = [f"{in_words(run.network.kind).capitalize()} network on {n} lanes, {size}{left_out}, {run.settings}"]
    if run.step:
        alpha = run.stages[run.step].alpha[run.needed[run.step - 1]]
        swaps = f"swaps {(alpha < 0.5).sum()} of {count(len(alpha), 'pair')}" if len(alpha) else "is not needed"
        if run.comparator is not None and len(alpha):
            swaps += f" more than it keeps them (α from {alpha.min():.2f} to {alpha.max():.2f})"
        parts.append(f"layer {run.step} {swaps}")
    live = np.flatnonzero(run.live[run.step])[::-1]
    values = ", ".join(_on_lane(run, lane) for lane in live)
    if run.step == depth:
        parts.append(f"at the outputs, best first, {values}")
    else:
        held = f"lanes {n - 1} to 0 hold" if len(live) == n else "the wires hold"
        parts.append(f"{'after' if run.step else 'before'} layer {max(run.step, 1)} of {depth} {held} {values}")
    return "; ".join(parts) + "."


def _on_lane(run: Run, lane: int) -> str:
    """A lane's number, with its class where that is not a mixture, or at the outputs with the largest share."""
    owner, value = int(run.owners[lane]), round(run.stages[run.step].values[lane], 2) + 0.0  # never -0.00
    if run.comparator is None:
        return f"{run.names[owner]} {value:.2f}"
    share = f" ({run.stages[run.step].shares[lane, owner]:.2f} {run.names[owner]})"
    return f"{value:.2f}{share * (run.step == run.network.depth)}"
