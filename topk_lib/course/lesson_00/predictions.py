"""What a reader of lesson 00 is asked to predict."""

from __future__ import annotations

import torch

from ...losses import topk_cross_entropy
from ...sorters import SortingNetwork
from ..example import LABEL, NAMES, scores
from ..prediction import Prediction


def _easiest_p_k() -> tuple[int, str]:
    settings = ([1.0], [0.5, 0.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0, 1.0])
    sorter, label = SortingNetwork("bitonic", steepness=3.0), torch.tensor(LABEL)
    losses = [topk_cross_entropy(scores(), label, p_k, sorter).item() for p_k in settings]
    rank = int((scores() > scores()[LABEL]).sum()) + 1
    shown = (
        f"The losses are, in this order, {', '.join(f'{loss:.3f}' for loss in losses)}. {NAMES[LABEL].capitalize()} "
        f"has rank {rank} of {len(NAMES)}: a miss if one guess is allowed, a hit if five are."
    )
    return losses.index(min(losses)), shown


PREDICTIONS = (
    Prediction(
        id="0.a",
        question=(
            "The picture shows a dog, and dog has the third largest of the six scores. Under which P_K is the top-k "
            "loss of this picture smallest?"
        ),
        choices=(
            "P_K = [1], the ordinary cross-entropy",
            "P_K = [.5, 0, 0, 0, .5], half the weight on top-1 and half on top-5",
            "P_K = [0, 0, 0, 0, 1], only the top 5 count",
        ),
        answer=_easiest_p_k,
    ),
)
