"""Static figures: every function returns a matplotlib Figure of fixed size and a caption with its numbers.

    from topk_lib.course.figures import permutation_matrix, show
    show(permutation_matrix(topk_lib.NeuralSort(0.5)(scores), names))

All take a theme, "light" or "dark", as their last argument, and raise ValueError for any other. They are built without
pyplot and under one lock (`style.LOCK`), so that panels may draw in other threads.

What is where: heat_map and sorted_scores (soft permutations), soft_sets, comparators and steepness (what softens them),
network_diagram, network_run, network_layout, payload_ride and selection_rounds (networks), costs, p_k and loss (from
P_K to a gradient), curves (over some setting), images (of data), training_progress (runs). They
are put together from a Sheet, its Planes, looks and intervals (`topk_lib.experiments.drawing`), from columns, and from
the words of `given`. Figures of records are in `topk_lib.experiments.drawing`.
"""

from ...experiments.drawing.bench_times import bench_times
from ...experiments.drawing.comparison import comparison_figure
from ...experiments.drawing.comparison import comparison_figure as learning_curves
from ...experiments.drawing.gains import ForestRow, gain_forest, paired_differences, paired_gains
from ...experiments.drawing.grid_figure import grid_figure
from ...experiments.drawing.growth_curves import growth_curves
from ...experiments.drawing.style import LOCK, THEMES, png, show
from .comparators import error_against_steepness, rising_score, sigmoid_curves, soft_minimum, tie_slopes
from .costs import cost_curves, network_cost
from .curves import kept_by_m, loss_curves, rank_curves, shares_by_rank, topk_profile
from .heat_map import permutation_matrices, permutation_matrix, temperature_strip
from .images import blob_map, confusable_group, example_images, known_probabilities
from .loss import gradient_bars, loss_comparison
from .network_diagram import network_diagram
from .outcomes import softness_outcomes
from .p_k import PAPER_P_K, p_k_effect, rank_weights
from .payload_ride import payload_ride
from .selection_rounds import selection_rounds
from .soft_sets import soft_sets
from .sorted_scores import hard_permutation, method_comparison, sorted_scores
from .steepness import steepness_trade
from .training_progress import Curve, training_progress

__all__ = [
    "LOCK",
    "PAPER_P_K",
    "THEMES",
    "Curve",
    "ForestRow",
    "bench_times",
    "blob_map",
    "comparison_figure",
    "confusable_group",
    "cost_curves",
    "error_against_steepness",
    "example_images",
    "gain_forest",
    "gradient_bars",
    "grid_figure",
    "growth_curves",
    "hard_permutation",
    "kept_by_m",
    "known_probabilities",
    "learning_curves",
    "loss_comparison",
    "loss_curves",
    "method_comparison",
    "network_cost",
    "network_diagram",
    "p_k_effect",
    "paired_differences",
    "paired_gains",
    "payload_ride",
    "permutation_matrices",
    "permutation_matrix",
    "png",
    "rank_curves",
    "rank_weights",
    "rising_score",
    "selection_rounds",
    "shares_by_rank",
    "show",
    "sigmoid_curves",
    "soft_minimum",
    "soft_sets",
    "softness_outcomes",
    "sorted_scores",
    "steepness_trade",
    "temperature_strip",
    "tie_slopes",
    "topk_profile",
    "training_progress",
]
