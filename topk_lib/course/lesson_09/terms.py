"""The words that lesson 09 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("fine-tuning", "Training on from a network that was trained before, here often its last layer only."),
    Term("embedding", "The vector by which a trained network describes an image, stored to train a new head on."),
)
