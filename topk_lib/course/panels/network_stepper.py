"""A network stepped through layer by layer, hard or soft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from ...experiments.drawing.style import NETWORKS
from ...sigmoids import SIGMOIDS
from ..figures import network_diagram
from ..figures.network_run import BUILDERS, FEWEST, MOST_LANES
from .base import Panel
from .controls import Knob, button, dropdown, four_digits, knob, mark_chosen, row, toggle
from .scores import NAMES, SCORES, checked_scores

GIVEN = "given"
ORDERS = {"as given": GIVEN, "reversed": "reversed", "sorted already": "rising", "sorted backwards": "falling"}
PLAY_MILLISECONDS = 900


@dataclass(frozen=True)
class State:
    """What the controls say.

    Attributes:
        kind: of network.
        n: number of lanes.
        k: number of top ranks that are wanted.
        order: in which the scores enter, a value of ORDERS.
        steepness: β, or None where comparators are hard.
        distribution: how soft comparators soften.
        step: number of layers done.
        theme: "light" or "dark".
    """

    kind: str
    n: int
    k: int
    order: str
    steepness: float | None
    distribution: str
    step: int
    theme: str


class NetworkStepper(Panel):
    """A comparator network with scores on its wires, layer by layer.

    With as many lanes as scores were given, these enter; with any other number, numbers spread over the same range
    in a fixed random order, named a, b, c, …

    Args:
        kind: "odd_even", "bitonic" or "splitter_selection".
        scores: 2 to 16 numbers to begin with, the first for lane 0.
        names: their class names.
        k: number of top ranks that are wanted; all by default.
        steepness: β of the soft comparators, from 1/8 to 128.
        soft: whether comparators are soft to begin with.
        theme: "light" or "dark".

    Attributes:
        kind, order, distribution: dropdowns.
        soft: the toggle between hard and soft comparators.
        n, k, steepness, step: a `Knob` each; step counts the layers done.
        back, next: buttons that undo and do one layer.
        play: plays the layers, one after another.

    Raises:
        ValueError: sizes that do not fit, scores that are not finite, or an unknown kind.
    """

    name, title = "network-stepper", "Network stepper"

    def __init__(
        self,
        kind: str = "odd_even",
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        k: int | None = None,
        steepness: float = 4.0,
        soft: bool = True,
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        self.scores, self.names = checked_scores(scores, names, FEWEST, MOST_LANES), tuple(names)
        network_diagram(kind, self.scores, names, k, steepness)  # refuses what cannot be drawn
        self._make_choices(kind, soft)
        self._make_knobs(len(self.scores) if k is None else k, steepness)
        self._k = k
        self._make_player()
        presets = {
            "hard": {"soft": False},
            "very soft, β = 0.5": {"steepness": 0.5},
            "bitonic, 8 lanes": {"kind": "bitonic", "n": 8},
            "top 2 of 8, pruned": {"kind": "bitonic", "n": 8, "k": 2},
            "sorted backwards, hard": {"order": "falling", "soft": False},
        }
        for widget in (self.kind, self.n.slider, self.k.slider):
            widget.observe(self._fit, "value")
        self.assemble(
            row(self.kind, self.order, self.soft, self.distribution),
            row(self.n, self.k, self.steepness),
            row(self.step, self.back, self.next, self.play),
            self.preset_row(presets),
        )

    def read(self) -> State:
        """The controls as a State; also greys out what has no effect at present."""
        soft, step = self.soft.value, self.step.value
        self._tell_player(step)
        mark_chosen(self.soft)
        self.distribution.disabled = not soft
        self.steepness.disable(not soft)
        self.back.disabled, self.next.disabled = step == 0, step == self.step.slider.max
        steepness = four_digits(self.steepness.value) if soft else None
        distribution = self.distribution.value if soft else "cauchy"
        chosen = self.kind.value, self.n.value, self.k.value, self.order.value
        return State(*chosen, steepness, distribution, step, self.theme)

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.network_diagram` for this state."""
        scores, names = self._inputs(state.n, state.order)
        settings = state.k, state.steepness, state.distribution, state.step
        return network_diagram(state.kind, scores, names, *settings, theme=state.theme)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The layers done, from none to all; of a deep network about nine."""
        depth = self.step.slider.max
        return self.step, sorted({round(value) for value in np.linspace(0, depth, min(depth, 8) + 1)})

    def _inputs(self, n: int, order: str) -> tuple[tuple[float, ...], tuple[str, ...]]:
        """The scores of n lanes and their names, in the order in which they enter."""
        scores, names = self.scores, self.names
        if n != len(scores):
            spread = np.linspace(-2, 2, n).round(1)
            scores = tuple(np.random.default_rng(n).permutation(spread).tolist())
            names = tuple("abcdefghijklmnop"[:n])
        lanes = list(range(n))
        if order == "reversed":
            lanes.reverse()
        elif order != GIVEN:
            lanes.sort(key=scores.__getitem__, reverse=order == "falling")
        return tuple(scores[lane] for lane in lanes), tuple(names[lane] for lane in lanes)

    def _depth(self) -> int:
        return BUILDERS[self.kind.value](self.n.value, self.k.value).depth

    def _fit(self, _change: object = None) -> None:
        """Keeps k and the layers done within what the network has."""
        with self.together():
            n, k = self.n.value, self._k
            self.k.limit(n, n if k is None else min(k, n))
            depth = self._depth()
            self.step.limit(depth, depth)

    def _tell_player(self, step: int) -> None:
        # The upper end is raised before and lowered after the value, which it would clip.
        self.play.max = max(self.play.max, step)
        self.play.value, self.play.max = step, self.step.slider.max

    def _move(self, by: int) -> None:
        self.step.value += by

    def _make_choices(self, kind: str, soft: bool) -> None:
        networks = {title: key for key, title in NETWORKS.items()}
        self.kind = dropdown("network", networks, kind, "how its wires are laid")
        self.order = dropdown("scores enter", ORDERS, GIVEN, "which score enters on which lane")
        kinds = {key.replace("_", " "): key for key in SIGMOIDS}
        self.distribution = dropdown("softened by", kinds, "cauchy", "the distribution of the comparators")
        self.soft = toggle("soft comparators", soft, "whether a pair is swapped by degrees, or all or nothing")

    def _make_knobs(self, k: int, steepness: float) -> None:
        n = len(self.scores)
        self.n = knob("lanes n", "how many scores there are", n, FEWEST, MOST_LANES)
        self.k = knob("top ranks k", "how many ranks are wanted", k, 1, n)
        about = "small: pairs mix; large: swaps are all or nothing. In units of one over score"
        self.steepness = knob("steepness β", about, steepness, -3, 7, 0.25, base=2)
        depth = self._depth()
        self.step = knob("layers done", "how far the scores have travelled", depth, 0, depth)

    def _make_player(self) -> None:
        self.back = button("back", lambda: self._move(-1), "undo a layer", "step-backward")
        self.next = button("next", lambda: self._move(1), "do a layer", "step-forward")
        depth = self.step.slider.max
        self.play = widgets.Play(value=depth, min=0, max=depth, interval=PLAY_MILLISECONDS, show_repeat=False)
        self.play.tooltip = "do one layer after another"
        self.play.observe(lambda change: setattr(self.step, "value", change.new), "value")
