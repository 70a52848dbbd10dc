"""The words that lesson 05 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "selection network",
        "A network that sorts the k largest values only, with far fewer comparators than full sorting needs.",
    ),
    Term("pruning", "Leaving out the comparators that cannot influence the top k."),
    Term(
        "cascade",
        "Layers of comparators with strides that halve; the largest of a list wins, and the others' losses are known.",
    ),
    Term(
        "minimum rank",
        "By how many others a lane's value is beaten for certain, whatever the scores are; from k on it is out.",
    ),
    Term("payload", "A vector sent through the same soft swaps as the scores, so that P need not be stored."),
)
