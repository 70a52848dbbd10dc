"""The answers to the predictions of lesson 10, computed."""

from __future__ import annotations

from ...experiments.report.findings import difference_in_points
from ...experiments.results import read_result
from ...sigmoids import Comparator

ART_LAMBDA, RELEASED_BOUND = 0.5, 1e-10
"""The exponent of the paper's ART, and what the released code adds to a gap before it raises it to that power."""


def _tie() -> tuple[int, str]:
    released = RELEASED_BOUND**-ART_LAMBDA
    slopes = Comparator("logistic_phi", 1.0, ART_LAMBDA).max_slope, Comparator("logistic").max_slope
    offered = (10, 1_000, 100_000)
    text = (
        f"It divides the gap by (|gap| + 1e-10) to the power λ. At a tie that makes {released:,.0f}. "
        f"This kit rounds the curve off within 0.0001 of a tie and stays at {slopes[0] / slopes[1]:.1f} times."
    )
    return min(range(3), key=lambda i: abs(offered[i] - released)), text


def _top5() -> tuple[int, str]:
    topk, ce = read_result("cifar10-topk"), read_result("cifar10-ce")
    (first, first_error), (fifth, fifth_error) = (difference_in_points(topk, ce, k) for k in ("top1", "top5"))
    clear = [abs(gap) > 2 * error for gap, error in ((first, first_error), (fifth, fifth_error))]
    position = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[tuple(clear)]
    text = (
        f"Top-1 differs by {first:+.2f} points with a standard error of {first_error:.2f}, top-5 by {fifth:+.2f} with "
        f"{fifth_error:.2f}. What another seed would change is not in that error: it needs more runs."
    )
    return position, text


ANSWERS = {"10.a": _top5, "10.b": _tie}
