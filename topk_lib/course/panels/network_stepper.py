"""A network stepped through layer by layer, hard or soft."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from ...experiments.example import NAMES, SCORES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS
from ..figures import network_diagram
from ..figures.network_run import BUILDERS, FEWEST, MOST_LANES
from .base import Panel, State
from .controls import Knob, button, dropdown, knob, mark_chosen, row, toggle
from .scores import checked_scores, options

GIVEN = "given"
ORDERS = {"as given": GIVEN, "reversed": "reversed", "sorted already": "rising", "sorted backwards": "falling"}
PLAY_MILLISECONDS = 900


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
    controls = ("kind", "n", "k", "order", "soft", "steepness", "distribution", "step")

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
        self._k = k
        self._make_controls(kind, soft, steepness)
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
        """What the controls say; also greys out what has no effect at present."""
        step, last = self.step.value, self.step.slider.max
        # The player's upper end is raised before and lowered after its value, which it would clip.
        self.play.max = max(self.play.max, step)
        self.play.value, self.play.max = step, last
        mark_chosen(self.soft)
        self.distribution.disabled = self.steepness.disabled = not self.soft.value
        self.back.disabled, self.next.disabled = step == 0, step == last
        return super().read()

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

    def _fit(self, _change: object = None) -> None:
        """Keeps k and the layers done within what the network has."""
        with self.together():
            n, k = self.n.value, self._k
            self.k.limit(n, n if k is None else min(k, n))
            depth = BUILDERS[self.kind.value](n, self.k.value).depth
            self.step.limit(depth, depth)

    def _move(self, by: int) -> None:
        self.step.value += by

    def _make_controls(self, kind: str, soft: bool, steepness: float) -> None:
        networks = {SORTERS.display_name(key): key for key in BUILDERS}
        self.kind = dropdown("network", networks, kind, "how its wires are laid")
        self.order = dropdown("scores enter", ORDERS, GIVEN, "which score enters on which lane")
        about = "the distribution of the comparators"
        self.distribution = dropdown("softened by", options(SIGMOIDS), "cauchy", about)
        self.soft = toggle("soft comparators", soft, "whether a pair is swapped by degrees, or all or nothing")
        n = len(self.scores)
        self.n = knob("lanes n", "how many scores there are", n, FEWEST, MOST_LANES)
        self.k = knob("top ranks k", "how many ranks are wanted", n if self._k is None else self._k, 1, n)
        about = "small: pairs mix; large: swaps are all or nothing. In units of one over score"
        self.steepness = knob("steepness β", about, steepness, -3, 7, 0.25, base=2)
        depth = BUILDERS[kind](n, self.k.value).depth
        self.step = knob("layers done", "how far the scores have travelled", depth, 0, depth)
        self.back = button("back", lambda: self._move(-1), "undo a layer", "step-backward")
        self.next = button("next", lambda: self._move(1), "do a layer", "step-forward")
        self.play = widgets.Play(value=depth, min=0, max=depth, interval=PLAY_MILLISECONDS, show_repeat=False)
        self.play.tooltip = "do one layer after another"
        self.play.observe(lambda change: setattr(self.step, "value", change.new), "value")
