"""The words that lesson 02 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "permutation matrix",
        "A matrix with a single 1 in every row and column and zeros elsewhere; multiplied by scores it sorts them.",
        ("hard permutation",),
    ),
    Term(
        "soft permutation matrix",
        "A matrix P of numbers between 0 and 1 whose row r tells how likely each class is to hold rank r.",
        ("P",),
    ),
    Term(
        "row-stochastic",
        "Said of a matrix without negative entries whose rows all sum to 1: every rank is given to one class in all.",
    ),
    Term(
        "doubly stochastic",
        "Said of a matrix without negative entries whose rows and columns all sum to 1: every rank is given out once "
        "and every class gets one rank in all.",
    ),
    Term(
        "temperature",
        "The score gap that counts as one unit; small makes P nearly hard, large makes it nearly even.",
        ("tau", "τ"),
    ),
    Term(
        "relaxation",
        "A smooth function in place of one that jumps, so that gradients exist; here, soft sorting instead of sorting.",
    ),
    Term("SoftSort", "Row r of P is a softmax over how close each score is to the r-th largest score."),
    Term("NeuralSort", "Row r of P is a softmax over a formula whose largest entry is the r-th largest score."),
    Term(
        "SinkhornSort",
        "P is made by scaling the rows and columns of a positive matrix in turn until all of them sum to 1.",
    ),
    Term("sorting network", "Fixed wires along which two values at a time are compared, and swapped where needed."),
    Term(
        "steepness",
        "How fast a soft swap turns from not swapping to swapping as the gap grows; one over a temperature.",
        ("beta", "β", "inverse temperature"),
    ),
)
