"""The settings of one top-k loss, as an object and as a group of controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import ipywidgets as widgets

from ...losses import TopKCrossEntropyLoss
from ...losses.topk import TOP1_MODES
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS, Relaxation, SoftTopK, SortingNetwork
from ...sorters.thresholds import THRESHOLDS
from ..figures.given import p_k_text
from ..figures.loss import eps_in_words
from ..figures.p_k import SIX_P_K
from .controls import LABEL_STYLE, dropdown, knob, note, row
from .scores import is_network, is_soft_set, options, soft_sorter

ALL = 0  # stands for m = None, which to a dropdown would mean that nothing is chosen
ART = "logistic_phi"
EPS = (1e-7, 0.0, 1e-3, 0.05)
WORDS = {"p_k": "P_K", "top1_mode": "top-1 mode"}
"""Settings whose names are not words."""


@dataclass(frozen=True)
class Setting:
    """One of the two losses.

    Attributes:
        sorter: a key of `topk_lib.SORTERS`.
        softness: temperature τ, in units of score; networks have steepness 1/τ, soft sets scale τ.
        distribution: how a network's comparators soften, with the λ of ART after a space.
        p_k: the distribution of K.
        m: how many classes enter the loss; None for all.
        top1_mode: "sort", "sm" or "smce".
        eps: the floor under the logarithm.
        threshold: how a soft set softens.
    """

    sorter: str = "splitter_selection"
    softness: float = 1.0
    distribution: str = "cauchy"
    p_k: tuple[float, ...] = SIX_P_K[1]
    m: int | None = None
    top1_mode: str = "sm"
    eps: float = 1e-7
    threshold: str = "laplace"

    def loss(self) -> TopKCrossEntropyLoss:
        """The loss with these settings.

        Raises:
            ValueError: m is smaller than the largest k with P_K(k) > 0.
        """
        return TopKCrossEntropyLoss(self.p_k, self.make_sorter(), self.m, self.top1_mode, eps=self.eps)

    def code(self, scores: Sequence[float], label: int) -> str:
        """One line of Python, after ``import torch, topk_lib``, whose value is the loss."""
        return (
            f"topk_lib.topk_cross_entropy(torch.tensor({list(scores)}, dtype=torch.double), torch.tensor({label}), "
            f"p_k={list(self.p_k)}, sorter={self._sorter_code()}, m={self.m}, "
            f'top1_mode="{self.top1_mode}", eps={self.eps})'
        )

    def make_sorter(self) -> Relaxation:
        """The sorter with these settings."""
        distribution, *art = self.distribution.split()
        settings = {"distribution": distribution, "art_lambda": float(art[0]) if art else None}
        return soft_sorter(self.sorter, 1 / self.softness, **settings, threshold=self.threshold)

    def _sorter_code(self) -> str:
        sorter = self.make_sorter()
        if isinstance(sorter, SoftTopK):
            return f'topk_lib.SoftTopK("{sorter.threshold}", scale={self.softness})'
        if not isinstance(sorter, SortingNetwork):
            return f"topk_lib.{type(sorter).__name__}({sorter.SOFTNESS}={self.softness})"
        art = f", art_lambda={sorter.art_lambda}" if sorter.distribution == ART else ""
        settings = f'"{sorter.kind}", steepness={sorter.steepness}, distribution="{sorter.distribution}"{art}'
        return f"topk_lib.SortingNetwork({settings})"


def difference(a: Setting, b: Setting) -> str:
    """Names what two settings differ in, as half a sentence about A and B."""
    names = [field.name for field in fields(Setting)]
    named = [WORDS.get(name, name) for name in names if getattr(a, name) != getattr(b, name)]
    return f"A and B differ in {', '.join(named)}" if named else "A and B have the same settings"


class SettingControls:
    """The controls of one loss, in a column, with the code below.

    Args:
        name: "A" or "B".
        setting: what they begin with.
        classes: how many there are.

    Attributes:
        sorter, distribution, threshold, p_k, m, top1_mode, eps: a dropdown each.
        softness: a `Knob`.
        code: a text area to copy from.
    """

    disabled = False

    def __init__(self, name: str, setting: Setting, classes: int) -> None:
        self.name = name

        def choice(description: str, options: object, about: str) -> widgets.Dropdown:
            return dropdown(description, options, about=f"{name}: {about}", flex="1 1 200px")

        self.sorter = choice("sorter", options(SORTERS), "the relaxation of sorting")
        art = SIGMOIDS.display_name(ART)
        kinds = {words: key for words, key in options(SIGMOIDS).items() if key != ART}
        kinds |= {f"{art}, λ = {value}": f"{ART} {value}" for value in (0.25, 0.5)}  # both that its authors use
        self.distribution = choice("softened by", kinds, "the distribution of a network's comparators")
        self.threshold = choice("soft set by", options(THRESHOLDS), "the function of a soft set's probabilities")
        p_ks = {p_k_text(p_k): p_k for p_k in SIX_P_K}
        self.p_k = choice("P_K", p_ks, "the distribution of K, one of the paper's six")
        kept = {"all": ALL, **{str(m): m for m in range(classes, 1, -1)}}
        self.m = choice("classes kept, m", kept, "the label and the m - 1 largest other scores enter the loss")
        self.top1_mode = choice("top-1 mode", TOP1_MODES, "where the part of k = 1 comes from")
        floors = {eps_in_words(eps): eps for eps in EPS}
        self.eps = choice("floor eps", floors, "keeps the logarithm finite")
        about = "temperature τ in units of score; networks have steepness β = 1/τ, soft sets scale λ = τ"
        self.softness = knob(f"{name}: softness τ", about, setting.softness, -4, 4, 0.25, base=2)
        self.code = widgets.Textarea(
            description=f"{name} as code",
            tooltip=f"select and copy: gives the loss of {name} after import torch, topk_lib",
            style=LABEL_STYLE,
            layout=widgets.Layout(flex="1 1 400px", max_width="490px", height="130px"),
        )
        self.value = setting
        rows = [
            row(note(f"<b>{name}</b>"), self.softness),
            row(self.sorter),
            row(self.distribution, self.threshold),
            row(self.p_k, self.top1_mode),
            row(self.m, self.eps),
        ]
        self.root = widgets.VBox(rows, layout=widgets.Layout(flex="1 1 400px", max_width="490px"))

    @property
    def value(self) -> Setting:
        """The present setting; reading it also greys out what has no effect at present."""
        self.distribution.disabled = not is_network(self.sorter.value)
        self.threshold.disabled = not is_soft_set(self.sorter.value)
        values = {field.name: getattr(self, field.name).value for field in fields(Setting)}
        return Setting(**{**values, "m": self.m.value or None})

    @value.setter
    def value(self, setting: Setting) -> None:
        for field, value in zip(fields(Setting), astuple(setting), strict=True):
            getattr(self, field.name).value = ALL if value is None else value
