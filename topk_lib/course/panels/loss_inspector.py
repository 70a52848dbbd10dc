"""Two top-k losses of the same scores side by side, from P to the gradient, and the code that gives the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from ... import _validate
from ...experiments.example import LABEL, NAMES, SCORES
from ..figures import loss_comparison
from ..figures.loss import MOST_CLASSES
from ..figures.p_k import SIX_P_K
from .base import Panel, State
from .controls import Knob, dropdown, note, row
from .loss_setting import Setting, SettingControls, difference
from .scores import checked_scores, score_knobs

FEWEST_CLASSES = max(map(len, SIX_P_K))


class LossInspector(Panel):
    """Two top-k losses of the same scores: rows, weights, sums and gradients, and a line of code for each.

    Args:
        scores: 5 to 8 numbers to begin with.
        names: their class names.
        label: the name of the class that is right, to begin with.
        theme: "light" or "dark".

    Attributes:
        scores: a `Knob` per class.
        label: the dropdown of the right class.
        a, b: the `SettingControls` of the two losses.

    Raises:
        ValueError: sizes that do not fit, scores that are not finite, or a label that is no name.
    """

    name, title = "loss-inspector", "Loss inspector"
    controls = ("scores", "label", "a", "b")

    def __init__(
        self,
        scores: Sequence[float] = SCORES,
        names: Sequence[str] = NAMES,
        label: str = NAMES[LABEL],
        theme: str = "light",
    ) -> None:
        super().__init__(theme)
        scores = checked_scores(scores, names, FEWEST_CLASSES, MOST_CLASSES)
        self.names = tuple(names)
        _validate.choice("label", label, self.names)
        about = "the class that the loss asks for"
        self.label = dropdown("right class (label)", self.names, label, about, "230px")
        self.scores = score_knobs(scores, self.names)
        self.a = SettingControls("A", Setting(), len(names))
        self.b = SettingControls("B", Setting(top1_mode="smce"), len(names))
        top_1, top_5 = Setting(p_k=SIX_P_K[0]), Setting(p_k=SIX_P_K[4])
        cifar = Setting(softness=2.0, distribution="logistic_phi 0.5", top1_mode="smce")
        steep, lowest = replace(top_5, softness=0.0625, distribution="logistic"), self.scores[0].slider.min
        behind = [lowest if name == label else score for name, score in zip(names, scores, strict=True)]
        presets = {
            "top-1 against top-5": {"a": top_1, "b": top_5},
            "network against NeuralSort": {"a": top_5, "b": replace(top_5, sorter="neuralsort")},
            "all classes against m = 5": {"a": Setting("softsort"), "b": Setting("softsort", m=5)},
            "authors' CIFAR settings": {"a": cifar, "b": Setting("neuralsort", 16.0, top1_mode="smce")},
            "label far behind": {"scores": behind, "a": steep, "b": replace(steep, eps=0.0)},  # with and without floor
        }
        self.assemble(
            row(*self.scores),
            row(self.label, self.preset_row(presets)),
            row(self.a.root, self.b.root),
            below=[note("The two losses in Python, to be copied:"), row(self.a.code, self.b.code)],
        )

    def read(self) -> State:
        """What the controls say; also writes the two lines of code."""
        state = super().read()
        for controls, setting in ((self.a, state.a), (self.b, state.b)):
            controls.code.value = setting.code(state.scores, self.names.index(state.label))
        return state

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure of `topk_lib.course.figures.loss_comparison`; the caption adds what differs between A and B."""
        losses = {}
        for name, setting in (("A", state.a), ("B", state.b)):
            try:
                losses[name] = setting.loss()
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        figure, caption = loss_comparison(losses, state.scores, self.names, state.label, state.theme)
        return figure, f"{caption.removesuffix('.')}; {difference(state.a, state.b)}."

    def sweep(self) -> tuple[Knob, Sequence[float]]:
        """The label's score, from far behind to far ahead."""
        knob = self.scores[self.names.index(self.label.value)]
        low, high = knob.slider.min, knob.slider.max
        steps = {round(low + i * (high - low) / 8, 2) for i in range(9)}
        return knob, tuple(sorted(steps | {knob.value}))
