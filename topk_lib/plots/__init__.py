"""Static figures: every function returns a matplotlib Figure of fixed size and a caption with its numbers.

    from topk_lib.plots import permutation_matrix, show
    show(permutation_matrix(topk_lib.NeuralSort(0.5)(scores), names))

Figures are built without pyplot and under one lock (`style.LOCK`), so that panels may draw in other threads.
"""

from .confusable_group import confusable_group
from .example_images import example_images
from .learning_curves import learning_curves
from .method_comparison import hard_permutation, method_comparison
from .permutation_matrix import permutation_matrices, permutation_matrix
from .rank_curves import rank_curves
from .show import show
from .sorted_scores import sorted_scores
from .style import LOCK, THEMES, png
from .temperature_strip import temperature_strip
from .training_progress import Curve, training_progress

__all__ = [
    "LOCK",
    "THEMES",
    "Curve",
    "confusable_group",
    "example_images",
    "hard_permutation",
    "learning_curves",
    "method_comparison",
    "permutation_matrices",
    "permutation_matrix",
    "png",
    "rank_curves",
    "show",
    "sorted_scores",
    "temperature_strip",
    "training_progress",
]
