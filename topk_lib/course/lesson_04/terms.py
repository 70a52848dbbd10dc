"""The words that lesson 04 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("tie", "Two equal scores, between which a soft comparator is undecided."),
    Term(
        "monotone",
        "Said of a soft comparator whose outputs never fall when a score rises, so sorted values get no gradient of "
        "wrong sign.",
    ),
    Term(
        "ART",
        "The activation replacement trick: small score gaps are spread apart before they enter the sigmoid.",
        ("activation replacement trick",),
    ),
    Term(
        "certainty",
        "The degree to which a soft comparator puts two scores in their right order; one half at a tie, at most 1.",
    ),
    Term(
        "light tail",
        "Said of a distribution whose soft comparator is soon sure of large gaps, and then passes no gradient on.",
    ),
    Term(
        "heavy tail",
        "Said of a distribution whose soft comparator stays a little unsure of large gaps, and so keeps a gradient.",
    ),
)
