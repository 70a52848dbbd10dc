"""The words that lesson 07 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "posterior", "The true chance of each class, given the image; known for images that were drawn by a known rule."
    ),
    Term(
        "best possible accuracy",
        "The top-k accuracy of guessing each image's k most likely classes, which no model beats on average.",
        ("Bayes-optimal accuracy",),
    ),
    Term("label noise", "Labels that were replaced by wrong ones, for a known or unknown part of the images."),
)
