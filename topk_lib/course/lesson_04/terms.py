"""The words that lesson 04 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "steepness",
        "How fast a soft comparator turns from not swapping to swapping as the gap grows; one over a temperature.",
        ("beta", "β", "inverse temperature"),
    ),
    Term("tie", "Two equal scores, between which a soft comparator is undecided."),
    Term(
        "monotone",
        "Said of a soft comparator whose outputs never fall when a score rises, so no gradient has the wrong sign.",
    ),
    Term(
        "ART",
        "The activation replacement trick: small score gaps are spread apart before they enter the sigmoid.",
        ("activation replacement trick",),
    ),
)
