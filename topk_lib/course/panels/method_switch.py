"""Relaxations of sorting side by side, on scores that the reader moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure

from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS, Relaxation, make_sorter, sorter_of_steepness
from ..figures import method_comparison
from ..figures.sorted_scores import MOST, MOST_CLASSES
from .base import Panel
from .controls import Knob, dropdown, four_digits, knob, mark_chosen, note, row, toggle
from .scores import NAMES, NETWORKS, SCORES, SORTER_NAMES, checked_scores, rounded, score_knobs


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
            raise ValueError(f"methods must be at most {MOST} of {', '.join(SORTER_NAMES)}, got {methods!r}")
        self.names, n = tuple(names), len(names)
        self.methods = {
            key: toggle(name, key in methods, f"show {name}; at most {MOST} at once")
            for key, name in SORTER_NAMES.items()
        }
        self.scores = score_knobs(scores, self.names)
        about = "small: nearly a hard sort; large: everything blurs. In units of score"
        self.softness = knob("softness τ (temperature)", about, softness, -4, 4, 0.25, base=2)
        self.k = knob("ranks k", "how many ranks are asked for, best first", n, 1, n)
        kinds = {key.replace("_", " "): key for key in SIGMOIDS}
        about = "the distribution of the networks' comparators"
        self.distribution = dropdown("networks soften by", kinds, "cauchy", about, "270px")
        self._steepness = note("")
        presets = {
            "two equal scores": self._two_equal,
            "well separated": self._separated,
            "all equal": lambda: self._set_scores([0.0] * n),
            "paper's temperature τ = 16": self._paper,
        }
        self.assemble(
            row(note("Show up to four:"), *self.methods.values()),
            row(self.softness, self._steepness),
            row(self.k, self.distribution),
            row(*self.scores),
            self.preset_row(presets),
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
        return State(rounded(self.scores), chosen, softness, self.distribution.value, self.k.value, self.theme)

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.method_comparison` for this state."""
        scores = torch.tensor(state.scores, dtype=torch.float64)
        matrices = {}
        for method in state.methods:
            sorter, setting = self._sorter(method, state)
            matrices[f"{SORTER_NAMES[method]}\n{setting}"] = sorter.matrix(scores, state.k)
        limits = self.scores[0].slider.min, self.scores[0].slider.max
        return method_comparison(matrices, state.scores, self.names, limits, state.theme)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The softness, from nearly hard to very soft."""
        return self.softness, (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

    def _sorter(self, method: str, state: State) -> tuple[Relaxation, str]:
        if method in NETWORKS:
            steepness, kind = 1 / state.softness, state.distribution
            label = f"β = {steepness:.3g}, {kind.replace('_', ' ')}"
            return make_sorter(method, steepness=steepness, distribution=kind), label
        return sorter_of_steepness(method, 1 / state.softness), f"τ = {state.softness:.3g}"

    def _paper(self) -> None:
        self.begin_again(softness=16)
        for key, button in self.methods.items():
            button.value = key in ("neuralsort", "softsort")

    def _set_scores(self, scores: Sequence[float]) -> None:
        for each, score in zip(self.scores, scores, strict=True):
            each.value = score

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
