"""Relaxations of sorting side by side, on scores that the reader moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from ...experiments.example import NAMES, SCORES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS
from ...sorters.thresholds import THRESHOLDS
from ..figures import method_comparison
from ..figures.loss import softness_in_words
from ..figures.sorted_scores import MOST, MOST_CLASSES
from .base import Panel, State
from .controls import Knob, dropdown, knob, mark_chosen, note, put, row, toggle
from .scores import checked_scores, is_network, is_soft_set, options, score_knobs, soft_sorter


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
        softness, k: a `Knob` each, and `scores` one per class. Softness is the temperature τ, in units of score;
            networks have steepness 1/τ, and soft sets scale λ = τ.
        distribution, threshold: the dropdowns for the networks and for the soft sets.

    Raises:
        ValueError: sizes that do not fit, scores that are not finite, or unknown methods.
    """

    name, title = "method-switch", "Relaxations of sorting side by side"
    controls = ("scores", "softness", "distribution", "threshold", "k")

    def __init__(
        self,
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        methods: Sequence[str] = ("neuralsort", "softsort", "sinkhorn"),
        softness: float = 0.5,
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        scores, sorters = checked_scores(scores, names, 2, MOST_CLASSES), options(SORTERS)
        if len(methods) > MOST or not set(methods) <= set(SORTERS):
            raise ValueError(f"methods must be at most {MOST} of {', '.join(sorters.values())}, got {methods!r}")
        self.names, n = tuple(names), len(names)
        self.methods = {
            key: toggle(name, key in methods, f"show {name}; at most {MOST} at once") for name, key in sorters.items()
        }
        self.scores = score_knobs(scores, self.names)
        about = "small: nearly a hard sort; large: everything blurs. In units of score"
        self.softness = knob("softness τ (temperature)", about, softness, -4, 4, 0.25, base=2)
        self.k = knob("ranks k", "how many ranks are asked for, best first", n, 1, n)
        about = "the distribution of the networks' comparators"
        self.distribution = dropdown("networks soften by", options(SIGMOIDS), "cauchy", about, "270px")
        about = "the function on which all probabilities of a soft set lie"
        self.threshold = dropdown("soft sets by", options(THRESHOLDS), "laplace", about, "270px")
        self._steepness = note("")
        low, high = self.scores[0].slider.min, self.scores[0].slider.max
        ranks = np.argsort(np.argsort(np.negative(scores), kind="stable"))
        runner_up = [max(scores) if rank == 1 else score for rank, score in zip(ranks, scores, strict=True)]
        spread = np.linspace(high, low, n).round(1)[ranks].tolist()
        presets = {
            "two equal scores": lambda: put(self.scores, runner_up),
            "well separated": lambda: put(self.scores, spread),
            "all equal": lambda: put(self.scores, [0.0] * n),
            "paper's temperature τ = 16": self._paper,
        }
        self.assemble(
            row(note("Show up to four:"), *self.methods.values()),
            row(self.softness, self._steepness),
            row(self.k, self.distribution, self.threshold),
            row(*self.scores),
            self.preset_row(presets),
        )

    def read(self) -> State:
        """What the controls say and which methods are shown; also greys out what has no effect at present."""
        shown = tuple(key for key, button in self.methods.items() if button.value)
        mark_chosen(*self.methods.values())
        others = f"networks: steepness β = 1/τ = {1 / self.softness.value:.3g}; soft sets: scale λ = τ"
        self._steepness.value = f"<span>{others}</span>"
        self.distribution.disabled = not any(map(is_network, shown))
        self.threshold.disabled = not any(map(is_soft_set, shown))
        for button in self.methods.values():
            button.disabled = len(shown) >= MOST and not button.value
        return super().read(methods=shown)

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.method_comparison` for this state."""
        scores, steepness = torch.tensor(state.scores, dtype=torch.float64), 1 / state.softness
        matrices = {}
        for method in state.methods:
            sorter = soft_sorter(method, steepness, distribution=state.distribution, threshold=state.threshold)
            matrices[f"{SORTERS.display_name(method)}\n{softness_in_words(sorter)}"] = sorter.matrix(scores, state.k)
        limits = self.scores[0].slider.min, self.scores[0].slider.max
        return method_comparison(matrices, state.scores, self.names, limits, state.theme)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The softness, from nearly hard to very soft."""
        return self.softness, (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

    def _paper(self) -> None:
        self.begin_again(softness=16)
        for key, button in self.methods.items():
            button.value = key in ("neuralsort", "softsort")
