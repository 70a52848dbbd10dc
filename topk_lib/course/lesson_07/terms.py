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
    Term(
        "mixture", "A population made of several parts, here Gaussian blobs, from which each point is drawn at random."
    ),
    Term("spread", "The standard deviation of a Gaussian blob in every direction; the wider, the more blobs overlap."),
    Term(
        "capacity",
        "How varied the functions are that a network can represent; a linear one can draw only straight borders.",
    ),
    Term(
        "paired gain",
        "The accuracy of one loss minus that of another in a run with the same seed, averaged over the seeds.",
    ),
    Term("label noise", "Labels that were replaced by wrong ones, for a known or unknown part of the images."),
)
