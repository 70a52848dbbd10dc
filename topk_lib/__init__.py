"""Differentiable top-k classification: soft sorting, the top-k cross-entropy loss, and a course about them."""

from .losses import LOSSES, TopKCrossEntropyLoss, loss_settings, make_loss, topk_cross_entropy
from .metrics import topk_accuracy
from .networks import Network, selects_top_k
from .propagate import backend
from .settings import Setting, settings_of
from .sigmoids import SIGMOIDS, Comparator, Sigmoid, steepness_for
from .sorters import SORTERS, NeuralSort, SinkhornSort, SoftSort, Sorter, SortingNetwork, make_sorter

__version__ = "0.1.0"

__all__ = [
    "LOSSES",
    "SIGMOIDS",
    "SORTERS",
    "Comparator",
    "Network",
    "NeuralSort",
    "Setting",
    "Sigmoid",
    "SinkhornSort",
    "SoftSort",
    "Sorter",
    "SortingNetwork",
    "TopKCrossEntropyLoss",
    "backend",
    "loss_settings",
    "make_loss",
    "make_sorter",
    "selects_top_k",
    "settings_of",
    "steepness_for",
    "topk_accuracy",
    "topk_cross_entropy",
]
