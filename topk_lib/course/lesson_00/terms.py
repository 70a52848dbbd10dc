"""The words that lesson 00 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("score", "The number a network gives to one class; the larger, the more it believes in it.", ("logit",)),
    Term("label", "The class that a training or test image is said to show.", ("target",)),
    Term("rank", "The place of a class when the scores are sorted from largest to smallest; the best is rank 1."),
    Term("top-k", "The k classes with the largest scores."),
    Term("top-k accuracy", "The fraction of images whose label is among the top k."),
    Term("softmax", "Turns scores into positive numbers that sum to 1: exponentials, divided by their sum."),
    Term("cross-entropy", "Minus the logarithm of the chance that the model gives to the label.", ("CE",)),
    Term(
        "top-k cross-entropy",
        "Minus the logarithm of the chance that the label is among the top K, with K drawn from P_K.",
        ("top-k loss",),
    ),
    Term("P_K", "The probabilities with which k = 1, 2, 3, … is drawn as the number of guesses that are allowed."),
)
