"""Relaxations of sorting side by side, on scores that the reader moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import torch
from matplotlib.figure import Figure

from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS, Sorter, make_sorter
from ..figures import method_comparison
from ..figures.sorted_scores import MOST, MOST_CLASSES
from .base import Panel
from .controls import LABEL_STYLE, Knob, four_digits, mark_chosen, note, row
from .scores import checked_scores, score_knobs

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
LABELS = {
    "neuralsort": "NeuralSort",
    "softsort": "SoftSort",
    "sinkhorn": "Sinkhorn",
    "odd_even": "odd-even",
    "bitonic": "bitonic",
    "splitter_selection": "splitter selection",
}
NETWORKS = ("odd_even", "bitonic", "splitter_selection")


@dataclass(frozen=True)
class State:
    """What the controls say.

    Attributes:
        scores: one per class.
        methods: names of sorters, at most four, in the order of their buttons.
        softness: temperature τ, in units of score; networks have steepness 1/τ.
        distribution: how the networks' comparators soften.
        k: number of ranks.
        theme: "light" or "dark".
    """

    scores: tuple[float, ...]
    methods: tuple[str, ...]
    softness: float
    distribution: str
    k: int
    theme: str


class MethodSwitch(Panel):
    """Up to four sorters on the same scores: their soft permutations, row and column sums, and P @ scores.

    Args:
        scores: 2 to 8 numbers to begin with.
        names: their class names.
        methods: keys of `topk_lib.SORTERS` that are shown to begin with, at most four.
        softness: temperature τ to begin with, from 1/16 to 16.
        theme: "light" or "dark".

    Attributes:
        methods: sorter name -> toggle button.
        softness, k: a `Knob` each, and `scores` one per class.
        distribution: the dropdown for the networks.

    Raises:
        ValueError: sizes that do not fit, scores that are not finite, or unknown methods.
    """

    name, title = "method-switch", "Relaxations of sorting side by side"

    def __init__(
        self,
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        methods: Sequence[str] = ("neuralsort", "softsort", "sinkhorn"),
        softness: float = 0.5,
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        scores = checked_scores(scores, names, 2, MOST_CLASSES)
        if len(methods) > MOST or not set(methods) <= set(SORTERS):
            raise ValueError(f"methods must be at most {MOST} of {', '.join(LABELS)}, got {methods!r}")
        self.names = tuple(names)
        self.methods = {key: self._method_button(key, key in methods) for key in LABELS}
        self.scores = score_knobs(scores, self.names)
        self._make_knobs(softness)
        self.distribution = widgets.Dropdown(
            options=[(key.replace("_", " "), key) for key in SIGMOIDS],
            value="cauchy",
            description="networks soften by",
            tooltip="the distribution of the networks' comparators",
            style=LABEL_STYLE,
            layout=widgets.Layout(width="270px"),
        )
        self._steepness = note("")
        presets = {
            "reset all": self._reset,
            "two equal scores": self._two_equal,
            "well separated": self._separated,
            "all equal": lambda: self._set_scores([0.0] * len(self.names)),
            "paper's temperature τ = 16": lambda: self._set(softness=16, methods=("neuralsort", "softsort")),
        }
        self._start = tuple(methods)
        self.assemble(
            [
                row(note("Show up to four:"), *self.methods.values()),
                row(self.softness.root, self._steepness),
                row(self.k.root, self.distribution),
                row(*(knob.root for knob in self.scores)),
                self.preset_row(presets),
            ],
            watch=[*self.methods.values(), self.distribution]
            + [knob.slider for knob in (self.softness, self.k, *self.scores)],
        )

    def read(self) -> State:
        """The controls as a State; also greys out what has no effect at present."""
        chosen = tuple(key for key, button in self.methods.items() if button.value)
        softness = four_digits(self.softness.value)
        mark_chosen(*self.methods.values())
        self._steepness.value = f"<span>for networks steepness β = 1/τ = {1 / softness:.3g}</span>"
        self.distribution.disabled = not set(chosen) & set(NETWORKS)
        for button in self.methods.values():
            button.disabled = len(chosen) >= MOST and not button.value
        scores = tuple(round(knob.value, 3) for knob in self.scores)
        return State(scores, chosen, softness, self.distribution.value, self.k.value, self.theme)

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.method_comparison` for this state."""
        scores = torch.tensor(state.scores, dtype=torch.float64)
        matrices = {}
        for method in state.methods:
            sorter, setting = self._sorter(method, state)
            matrices[f"{LABELS[method]}\n{setting}"] = sorter(scores, state.k)
        limits = self.scores[0].slider.min, self.scores[0].slider.max
        return method_comparison(matrices, state.scores, self.names, limits, state.theme)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The softness, from nearly hard to very soft."""
        return self.softness, (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

    def _sorter(self, method: str, state: State) -> tuple[Sorter, str]:
        if method in NETWORKS:
            steepness, kind = 1 / state.softness, state.distribution
            label = f"β = {steepness:.3g}, {kind.replace('_', ' ')}"
            return make_sorter(method, steepness=steepness, distribution=kind), label
        return make_sorter(method, temperature=state.softness), f"τ = {state.softness:.3g}"

    def _method_button(self, key: str, chosen: bool) -> widgets.ToggleButton:
        about = f"show {LABELS[key]}; at most {MOST} at once"
        layout = widgets.Layout(width="auto")
        return widgets.ToggleButton(value=chosen, description=LABELS[key], tooltip=about, layout=layout)

    def _make_knobs(self, softness: float) -> None:
        log_slider = widgets.FloatLogSlider(
            value=softness, base=2, min=-4, max=4, step=0.25, description="softness τ (temperature)"
        )
        self.softness = Knob(log_slider, "small: nearly a hard sort; large: everything blurs. In units of score")
        n = len(self.names)
        k = widgets.IntSlider(value=n, min=1, max=n, description="ranks k")
        self.k = Knob(k, "how many ranks are asked for, best first")

    def _set(self, softness: float, methods: Sequence[str]) -> None:
        self._reset()
        self.softness.value = softness
        for key, button in self.methods.items():
            button.value = key in methods

    def _set_scores(self, scores: Sequence[float]) -> None:
        for knob, score in zip(self.scores, scores, strict=True):
            knob.value = score

    def _reset(self) -> None:
        for knob in (self.softness, self.k, *self.scores):
            knob.reset()
        for key, button in self.methods.items():
            button.value = key in self._start
        self.distribution.value = "cauchy"

    def _two_equal(self) -> None:
        """The best two scores become equal."""
        order = sorted(range(len(self.scores)), key=lambda j: -self.scores[j].default)
        scores = [knob.default for knob in self.scores]
        scores[order[1]] = scores[order[0]]
        self._set_scores(scores)

    def _separated(self) -> None:
        """The scores, in their order, spread evenly over the scale."""
        order = sorted(range(len(self.scores)), key=lambda j: -self.scores[j].default)
        low, high = self.scores[0].slider.min, self.scores[0].slider.max
        for rank, j in enumerate(order):
            self.scores[j].value = round(high - rank * (high - low) / (len(order) - 1), 1)
