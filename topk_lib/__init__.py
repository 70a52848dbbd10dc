"""Differentiable top-k classification: soft sorting, the top-k cross-entropy loss, and a course about them.

    logits (B, n) ─ m-selection ─▶ scores (B, m) ─ sorter ─▶ q_k = P(label among the top k) ─ P_K ─▶ p_y ─ −log ─▶ loss

The mathematics, in the order in which it is read:

- `sigmoids`: how one comparator softens, and which steepness gives a wished certainty.
- `networks`: comparator networks as data. `tracing` looks at one at work.
- `propagate`: the hot loop, in torch's operations and in machine code, and what chooses between them.
- `sorters`: one relaxation of sorting, or of the top k, per file, on one base.
- `losses`: the top-k loss and its rivals, one per file; `presets` has the paper's P_K; `metrics` counts hits.
- `diagnosis`: what a loss does to the logits of a network, to choose its steepness, distribution and m.

What it stands on: `masks` (−∞ is a class that is not there), `transforms` (torch.compile, torch.func, our own steps of
autograd), `caching` (tables outside of modules), `settings` and `registry` (what can be chosen, by name), `_validate`.

Two wings build on it: `experiments` trains and measures, `course` teaches. Nothing here imports them.
"""

from .diagnosis import Diagnoses, Diagnosis, diagnose
from .losses import (
    LOSSES,
    ClassificationLoss,
    NoisedTopKLoss,
    SmoothTopKSVMLoss,
    TopKCrossEntropyLoss,
    TopKEntropyLoss,
    TopKHingeLoss,
    TopKLoss,
    TruncatedTopKEntropyLoss,
    loss_settings,
    make_loss,
    topk_cross_entropy,
)
from .metrics import topk_accuracy
from .networks import Network, selects_top_k
from .propagate import backend
from .settings import Setting, settings_of
from .sigmoids import SIGMOIDS, Comparator, Sigmoid, steepness_for
from .sorters import (
    SORTERS,
    NeuralSort,
    Relaxation,
    SinkhornSort,
    SoftSort,
    SoftTopK,
    Sorter,
    SortingNetwork,
    make_sorter,
)

__version__ = "0.1.0"

__all__ = [
    "LOSSES",
    "SIGMOIDS",
    "SORTERS",
    "ClassificationLoss",
    "Comparator",
    "Diagnoses",
    "Diagnosis",
    "Network",
    "NeuralSort",
    "NoisedTopKLoss",
    "Relaxation",
    "Setting",
    "Sigmoid",
    "SinkhornSort",
    "SmoothTopKSVMLoss",
    "SoftSort",
    "SoftTopK",
    "Sorter",
    "SortingNetwork",
    "TopKCrossEntropyLoss",
    "TopKEntropyLoss",
    "TopKHingeLoss",
    "TopKLoss",
    "TruncatedTopKEntropyLoss",
    "backend",
    "diagnose",
    "loss_settings",
    "make_loss",
    "make_sorter",
    "selects_top_k",
    "settings_of",
    "steepness_for",
    "topk_accuracy",
    "topk_cross_entropy",
]
