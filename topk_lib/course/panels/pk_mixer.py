"""P_K, mixed by hand: what a distribution over the number of guesses asks of each rank and of each class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.example import LABEL, NAMES, SCORES
from ...sorters import SortingNetwork
from ..figures import p_k_effect
from ..figures.given import p_k_text
from ..figures.p_k import MOST_CLASSES, PAPER_P_K
from .base import Panel, State
from .controls import Knob, dropdown, knob, note, put, row, setting
from .scores import checked_scores

START = (0.5, 0.0, 0.0, 0.0, 0.5)
KIND = "bitonic"


class PKMixer(Panel):
    """Five sliders for P_K: its rank weights, the probability of every class, the label's loss and the pushes.

    The sliders hold shares that need not sum to 1; what is shown is always their normalised distribution. With all
    of them at zero no k is preferred, and P_K is even.

    Args:
        scores: 5 to 8 numbers.
        names: their class names.
        p_k: five shares to begin with, not negative.
        steepness: β of a bitonic network with Cauchy comparators to begin with, from 1/3 to 81.
        label: the index of the class that is right to begin with.
        theme: "light" or "dark".

    Attributes:
        shares: a `Knob` for each of k = 1 … 5.
        steepness: a `Knob`.
        label: the dropdown of the classes.
        code: the line of Python that builds the loss with the present P_K.

    Raises:
        ValueError: sizes that do not fit, scores that are not finite, or an unknown label.
    """

    name, title = "pk-mixer", "P_K mixer"
    controls = ("steepness", "label")

    def __init__(
        self,
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        p_k: Sequence[float] = START,
        steepness: float = 3.0,
        label: int = LABEL,
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        self.names, self.scores = tuple(names), checked_scores(scores, names, len(START), MOST_CLASSES)
        if len(p_k) != len(START) or not all(0 <= share <= 1 for share in p_k):
            raise ValueError(f"p_k must be {len(START)} numbers between 0 and 1, got {p_k!r}")
        label = _validate.integer("label", label, 0, len(names) - 1)
        about = "how often K = {}, compared with the other four"
        guesses = ("1 guess", *(f"{k} guesses" for k in range(2, 1 + len(p_k))))
        each = enumerate(zip(guesses, map(float, p_k), strict=True), start=1)
        self.shares = tuple(knob(g, about.format(k), p, 0, 1, 0.05, label_width="70px") for k, (g, p) in each)
        for share in self.shares:
            share.root.layout.flex = "0 1 300px"  # sliders of one length can be compared
        # Base 3, so that the value to begin with is one that the slider can stand on.
        about = "small: all ranks blur; large: nearly the hard ranks"
        self.steepness = knob("steepness β of the soft ranking", about, steepness, -1, 4, 0.25, base=3)
        classes = {name: j for j, name in enumerate(self.names)}
        self.label = dropdown("the picture shows (label)", classes, label, "the class that is right", "300px")
        self._shown, self._code_line = note(""), note("")
        presets = {p_k_text(p): partial(put, self.shares, p) for p in PAPER_P_K.values()}
        self.assemble(
            note("How often are so many guesses allowed? Only the proportions of the five sliders matter."),
            row(*self.shares),
            row(self.steepness, self.label),
            self.preset_row(presets),
            self._shown,
            self._code_line,
        )

    def read(self) -> State:
        """P_K and what else the controls say; also writes the normalised P_K and the line of Python."""
        shares = setting(self.shares)
        state = super().read(p_k=normalised(shares))
        even = "" if any(shares) else " (all five sliders are at zero: no k is preferred)"
        self._shown.value = f"<span>normalised: P_K = {p_k_text(state.p_k)}{even}</span>"
        p_k, sorter = ", ".join(f"{p:.7g}" for p in state.p_k), f'"{KIND}", steepness={state.steepness:g}'
        sorter = f"topk_lib.SortingNetwork({sorter})"
        self.code = f'topk_lib.TopKCrossEntropyLoss(p_k=[{p_k}], sorter={sorter}, top1_mode="sort")'
        self._code_line.value = f"<code>{self.code}</code>"
        return state

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.p_k_effect` for this state."""
        sorter = SortingNetwork(KIND, state.steepness)
        return p_k_effect(state.p_k, self.scores, self.names, sorter, state.label, state.theme)

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The share of k = 5, from nothing to most of P_K."""
        return self.shares[-1], (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1.0)


def normalised(shares: Sequence[float]) -> tuple[float, ...]:
    """Shares divided by their sum, rounded so that equal proportions are equal; even if all are zero."""
    total = math.fsum(shares)
    if total == 0:
        return (1 / len(shares),) * len(shares)
    return tuple(round(share / total, 9) for share in shares)
