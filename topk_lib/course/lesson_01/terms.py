"""The words that lesson 01 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "rank weight",
        "How much a rank counts: the chance that K is at least that rank, a sum of P_K from there on.",
        ("w",),
    ),
    Term(
        "E[K]", "The mean of K under P_K; also the sum of all classes' chances to be among the top K.", ("expected K",)
    ),
    Term("ambiguous image", "An image for which more than one class is a reasonable answer."),
)
