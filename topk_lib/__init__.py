"""Differentiable top-k classification: soft sorting, the top-k cross-entropy loss, and a course about them."""

from .backends import backend
from .losses import TopKCrossEntropyLoss, topk_cross_entropy
from .metrics import topk_accuracy
from .networks import Network, selects_top_k
from .sigmoids import SIGMOIDS, Comparator
from .sorters import SORTERS, NeuralSort, SinkhornSort, SoftSort, Sorter, SortingNetwork, make_sorter

__version__ = "0.1.0"

__all__ = [
    "SIGMOIDS",
    "SORTERS",
    "Comparator",
    "Network",
    "NeuralSort",
    "SinkhornSort",
    "SoftSort",
    "Sorter",
    "SortingNetwork",
    "TopKCrossEntropyLoss",
    "backend",
    "make_sorter",
    "selects_top_k",
    "topk_accuracy",
    "topk_cross_entropy",
]
