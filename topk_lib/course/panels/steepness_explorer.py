"""One sorter from very soft to nearly hard: its matrix, its distance to the hard sort, a loss's gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.example import LABEL, NAMES, SCORES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS, Relaxation
from ...sorters.thresholds import THRESHOLDS
from ..figures.steepness import MOST_CLASSES, VALUES, steepness_trade, trade
from .base import Panel, State
from .controls import Knob, dropdown, knob, row
from .scores import checked_scores, is_network, is_soft_set, options, score_knobs, soft_sorter

KEPT_CURVES = 64


class SteepnessExplorer(Panel):
    """P of one sorter at one steepness; and over all steepnesses, its error and the gradient of a loss.

    The loss is minus the logarithm of the label's probability of being among the top k, with the library's floor of
    1e-7; the gradient is taken with respect to the scores.

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
        sorter, distribution, threshold, label: dropdowns.
        steepness, art_lambda, k: a `Knob` each, and `scores` one per class.

    Raises:
        ValueError: sizes that do not fit, unknown names, or numbers out of range.
    """

    name, title = "steepness-explorer", "Steepness explorer"
    controls = ("sorter", "distribution", "threshold", "art_lambda", "steepness", "scores", "label", "k")

    def __init__(
        self,
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        label: str = NAMES[LABEL],
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
        self._curves = lru_cache(KEPT_CURVES)(
            lambda state: trade(_maker(state), VALUES, state.scores, self.names.index(state.label), state.k)
        )
        self.scores = score_knobs(scores, self.names)
        self._make_controls(sorter, distribution, label, steepness, k)
        network = sorter if is_network(sorter) else "odd_even"
        art = {"sorter": network, "distribution": "logistic_phi"}
        far = {"sorter": network, "distribution": "logistic", "label": names[scores.index(min(scores))]}
        j = self.names.index(label)  # its neighbour meets it in the first layer of odd-even
        tied = [scores[j] if i == min(j ^ 1, len(names) - 1) else score for i, score in enumerate(scores)]
        presets = {
            "a far-away label": {**far, "steepness": 8.0},
            "a tie with ART": {**art, "steepness": 2.0, "art_lambda": 0.5, "scores": tied},
            "paper's ART: β = 0.5, λ = 0.5": {**art, "steepness": 0.5, "art_lambda": 0.5},
        }
        self.assemble(
            row(self.sorter, self.distribution, self.art_lambda),
            row(self.steepness, self.threshold),
            row(self.label, self.k),
            row(*self.scores),
            self.preset_row(presets),
        )

    def read(self) -> State:
        """What the controls say; also greys out what has no effect at present."""
        self.distribution.disabled = not is_network(self.sorter.value)
        self.threshold.disabled = not is_soft_set(self.sorter.value)
        self.art_lambda.disabled = self.distribution.disabled or self.distribution.value != "logistic_phi"
        return super().read()

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.steepness_trade` for this state."""
        softens = f"τ = 1/β = {1 / state.steepness:.3g}"
        if state.threshold:
            softens = f"λ = 1/β = {1 / state.steepness:.3g}, {state.threshold.replace('_', ' ')}"
        if state.distribution:
            art = "" if state.art_lambda is None else f", λ = {state.art_lambda:g}"
            softens = f"{SIGMOIDS.display_name(state.distribution)}{art}"
        heading = f"{SORTERS.display_name(state.sorter)}\nβ = {state.steepness:.3g}, {softens}"
        settings = (state.label, state.k, heading, self._curves(state.but(steepness=1.0, theme="")), state.theme)
        return steepness_trade(_maker(state), state.steepness, state.scores, self.names, *settings)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The steepness, from very soft to nearly hard."""
        return self.steepness, (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)

    def _make_controls(self, sorter: str, distribution: str, label: str, steepness: float, k: int) -> None:
        self.sorter = dropdown("sorter", options(SORTERS), sorter, "which relaxation of sorting", "290px")
        about = "the distribution of a network's comparators"
        self.distribution = dropdown("a network softens by", options(SIGMOIDS), distribution, about, "290px")
        about = "the function on which all probabilities of a soft set lie"
        self.threshold = dropdown("a soft set softens by", options(THRESHOLDS), "laplace", about, "290px")
        about = "the class whose probability of being in the top k is the loss"
        self.label = dropdown("label", self.names, label, about, "290px")
        about = "small: everything blurs; large: nearly a hard sort. In one over score"
        self.steepness = knob("steepness β (1/temperature)", about, steepness, -4, 6, 0.25, base=2)
        about = "how much ART spreads small gaps; read by logistic φ only, 0 is plain logistic"
        self.art_lambda = knob("λ of ART", about, 0.25, 0, 0.9, 0.05)
        about = "the loss is minus the logarithm of the label's probability of being among the k best"
        self.k = knob("loss asks for the top k =", about, k, 1, len(self.names))


def _maker(state: State) -> Callable[[float], Relaxation]:
    """Builds the sorter of a state at any steepness."""
    settings = {"distribution": state.distribution, "art_lambda": state.art_lambda, "threshold": state.threshold}
    return lambda steepness: soft_sorter(state.sorter, steepness, **settings)
