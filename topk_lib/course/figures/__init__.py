"""Static figures: every function returns a matplotlib Figure of fixed size and a caption with its numbers.

    from topk_lib.course.figures import permutation_matrix, show
    show(permutation_matrix(topk_lib.NeuralSort(0.5)(scores), names))

Figures are built without pyplot and under one lock (`style.LOCK`), so that panels may draw in other threads.
"""

from ...experiments.drawing.bench_times import bench_times
from ...experiments.drawing.gain_forest import ForestRow, gain_forest
from ...experiments.drawing.growth_curves import growth_curves
from ...experiments.drawing.paired_differences import paired_differences
from ...experiments.drawing.paired_gains import paired_gains
from ...experiments.drawing.show import show
from ...experiments.drawing.style import LOCK, THEMES, png
from .blob_map import blob_map
from .certainty_trade import certainty_costs, certainty_trade
from .confusable_group import confusable_group
from .cost_curves import cost_curves
from .error_against_steepness import error_against_steepness
from .example_images import example_images
from .gradient_bars import gradient_bars
from .kept_by_m import kept_by_m
from .known_chances import known_chances
from .learning_curves import learning_curves
from .loss_comparison import loss_comparison
from .loss_curves import loss_curves
from .method_comparison import hard_permutation, method_comparison
from .network_cost import network_cost
from .network_diagram import network_diagram
from .p_k_effect import p_k_effect
from .payload_ride import payload_ride
from .permutation_matrix import permutation_matrices, permutation_matrix
from .rank_curves import rank_curves
from .rank_weights import PAPER_P_K, rank_weights
from .rising_score import rising_score
from .selection_rounds import selection_rounds
from .shares_by_rank import shares_by_rank
from .sigmoid_curves import sigmoid_curves
from .soft_minimum import soft_minimum
from .sorted_scores import sorted_scores
from .steepness_trade import steepness_trade
from .temperature_strip import temperature_strip
from .tie_slopes import tie_slopes
from .topk_profile import topk_profile
from .training_progress import Curve, training_progress

__all__ = [
    "LOCK",
    "PAPER_P_K",
    "THEMES",
    "Curve",
    "ForestRow",
    "bench_times",
    "blob_map",
    "certainty_costs",
    "certainty_trade",
    "confusable_group",
    "cost_curves",
    "error_against_steepness",
    "example_images",
    "gain_forest",
    "gradient_bars",
    "growth_curves",
    "hard_permutation",
    "kept_by_m",
    "known_chances",
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
    "sorted_scores",
    "steepness_trade",
    "temperature_strip",
    "tie_slopes",
    "topk_profile",
    "training_progress",
]
