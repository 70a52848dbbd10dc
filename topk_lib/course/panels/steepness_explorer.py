"""One sorter from very soft to nearly hard: its matrix, its distance to the hard sort, a loss's gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing.style import DISTRIBUTIONS
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS, Relaxation, make_sorter, sorter_of_steepness
from ..figures.steepness import MOST_CLASSES, VALUES, Trade, steepness_trade, trade
from .base import Panel
from .controls import Knob, dropdown, four_digits, knob, row
from .scores import NAMES, NETWORKS, SCORES, SORTER_NAMES, checked_scores, rounded, score_knobs

KEPT_CURVES = 64


@dataclass(frozen=True)
class State:
    """What the controls say.

    Attributes:
        sorter: a key of `topk_lib.SORTERS`.
        distribution: how a network's comparators soften; None for other sorters.
        art_lambda: λ of ART; None where it has no effect.
        steepness: β; other sorters than networks have temperature 1/β.
        scores: one per class.
        label: a class name.
        k: the loss asks for the label among the k best.
        theme: "light" or "dark".
    """

    sorter: str
    distribution: str | None
    art_lambda: float | None
    steepness: float
    scores: tuple[float, ...]
    label: str
    k: int
    theme: str

    def make(self, steepness: float) -> Relaxation:
        """The sorter at some other steepness."""
        if self.sorter not in NETWORKS:
            return sorter_of_steepness(self.sorter, steepness)
        settings = {"distribution": self.distribution, "art_lambda": self.art_lambda}
        return make_sorter(self.sorter, steepness=steepness, **settings)

    @property
    def heading(self) -> str:
        """Two lines: the sorter, and its settings."""
        if self.sorter not in NETWORKS:
            return f"{SORTER_NAMES[self.sorter]}\nβ = {self.steepness:.3g}, τ = 1/β = {1 / self.steepness:.3g}"
        art = "" if self.art_lambda is None else f", λ = {self.art_lambda:g}"
        return f"{SORTER_NAMES[self.sorter]}\nβ = {self.steepness:.3g}, {DISTRIBUTIONS[self.distribution]}{art}"


class SteepnessExplorer(Panel):
    """P of one sorter at one steepness; and over all steepnesses, its error and the gradient of a loss.

    The loss is minus the logarithm of the label's chance to be among the top k, with the library's floor of 1e-7;
    the gradient is taken with respect to the scores.

    Args:
        scores: 2 to 8 numbers to begin with.
        names: their class names.
        label: the class whose loss is taken; one of the names.
        k: the loss asks for the label among the k best.
        sorter: a key of `topk_lib.SORTERS`.
        distribution: a key of `topk_lib.SIGMOIDS`, read by networks.
        steepness: β to begin with, from 1/16 to 64.
        theme: "light" or "dark".

    Attributes:
        sorter, distribution, label: dropdowns.
        steepness, art_lambda, k: a `Knob` each, and `scores` one per class.

    Raises:
        ValueError: sizes that do not fit, unknown names, or numbers out of range.
    """

    name, title = "steepness-explorer", "Steepness explorer"

    def __init__(
        self,
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        label: str = "dog",
        k: int = 2,
        sorter: str = "odd_even",
        distribution: str = "cauchy",
        steepness: float = 2.0,
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        scores = checked_scores(scores, names, 2, MOST_CLASSES)
        if not VALUES[0] <= steepness <= VALUES[-1]:
            raise ValueError(f"steepness must be between 1/16 and {VALUES[-1]:g}, got {steepness!r}")
        _validate.choice("sorter", sorter, SORTERS)
        _validate.choice("distribution", distribution, SIGMOIDS)
        _validate.choice("label", label, names)
        _validate.integer("k", k, 1, len(names))
        self.names = tuple(names)
        self._curves = lru_cache(KEPT_CURVES)(self._compute_curves)
        self._make_choices(sorter, distribution, label)
        self.scores = score_knobs(scores, self.names)
        self._make_knobs(steepness, k)
        presets = {
            "a far-away label": self._far_away,
            "a tie with ART": self._tie,
            "paper's ART: β = 0.5, λ = 0.5": lambda: self._network("logistic_phi", 0.5, 0.5),
        }
        self.assemble(
            row(self.sorter, self.distribution, self.art_lambda),
            row(self.steepness),
            row(self.label, self.k),
            row(*self.scores),
            self.preset_row(presets),
        )

    def read(self) -> State:
        """The controls as a State; also greys out what has no effect at present."""
        network = self.sorter.value in NETWORKS
        art = network and self.distribution.value == "logistic_phi"
        self.distribution.disabled = not network
        self.art_lambda.disable(not art)
        return State(
            self.sorter.value,
            self.distribution.value if network else None,
            round(self.art_lambda.value, 3) if art else None,
            four_digits(self.steepness.value),
            rounded(self.scores),
            self.label.value,
            self.k.value,
            self.theme,
        )

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.steepness_trade` for this state."""
        curves = self._curves(replace(state, steepness=1.0, theme=""))
        settings = (state.label, state.k, state.heading, curves, state.theme)
        return steepness_trade(state.make, state.steepness, state.scores, self.names, *settings)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The steepness, from very soft to nearly hard."""
        return self.steepness, (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)

    def _compute_curves(self, state: State) -> Trade:
        return trade(state.make, VALUES, state.scores, self.names.index(state.label), state.k)

    def _make_choices(self, sorter: str, distribution: str, label: str) -> None:
        sorters = {name: key for key, name in SORTER_NAMES.items()}
        self.sorter = dropdown("sorter", sorters, sorter, "which relaxation of sorting", "290px")
        kinds = {name: key for key, name in DISTRIBUTIONS.items()}
        about = "the distribution of a network's comparators"
        self.distribution = dropdown("a network softens by", kinds, distribution, about, "290px")
        about = "the class whose chance to be in the top k is the loss"
        self.label = dropdown("label", self.names, label, about, "290px")

    def _make_knobs(self, steepness: float, k: int) -> None:
        about = "small: everything blurs; large: nearly a hard sort. In one over score"
        self.steepness = knob("steepness β (1/temperature)", about, steepness, -4, 6, 0.25, base=2)
        about = "how much ART spreads small gaps; read by logistic φ only, 0 is plain logistic"
        self.art_lambda = knob("λ of ART", about, 0.25, 0, 0.9, 0.05)
        about = "the loss is minus the logarithm of the label's chance to be among the k best"
        self.k = knob("loss asks for the top k =", about, k, 1, len(self.names))

    def _network(self, distribution: str, steepness: float, art_lambda: float) -> None:
        self.begin_again(distribution=distribution, steepness=steepness, art_lambda=art_lambda)
        if self.sorter.value not in NETWORKS:
            self.sorter.value = "odd_even"

    def _far_away(self) -> None:
        """Logistic comparators, and the class with the lowest score as the label."""
        self._network("logistic", 8.0, self.art_lambda.default)
        lowest = min(range(len(self.scores)), key=lambda j: self.scores[j].default)
        self.label.value = self.names[lowest]

    def _tie(self) -> None:
        """The label and a neighbour on the lanes, which meet in the first layer of odd-even, become equal."""
        self._network("logistic_phi", 2.0, 0.5)
        j = self.names.index(self.label.value)
        neighbour = min(j ^ 1, len(self.names) - 1)
        self.scores[neighbour].value = self.scores[j].default
