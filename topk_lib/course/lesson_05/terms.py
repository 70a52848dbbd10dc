"""The words that lesson 05 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "selection network",
        "A network that sorts the k largest values only, with far fewer comparators than full sorting needs.",
    ),
    Term("pruning", "Leaving out the comparators that cannot influence the top k."),
    Term("payload", "A vector sent through the same soft swaps as the scores, so that P need not be stored."),
)
