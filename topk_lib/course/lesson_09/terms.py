"""The words that lesson 09 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("fine-tuning", "Training on from a network that was trained before, here often its last layer only."),
    Term("embedding", "The vector by which a trained network describes an image, stored to train a new head on."),
    Term("head", "The last, linear layer of a network, which turns an embedding into one score per class."),
    Term("body", "All of a network but its head: what turns an image into an embedding."),
    Term("standardise", "To shift and scale each number of an embedding to mean 0 and deviation 1 over training data."),
)
