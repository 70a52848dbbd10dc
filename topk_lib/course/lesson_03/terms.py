"""The words that lesson 03 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("comparator", "A device with two lanes that sends the smaller value out on one and the larger on the other."),
    Term(
        "soft comparator",
        "A comparator that swaps its two values only to some degree, which depends smoothly on their gap.",
    ),
    Term("lane", "One of the n wires on which values travel through a network.", ("wire",)),
    Term("layer", "Comparators that share no lane and so can act at the same time."),
    Term("depth", "The number of layers of a network, which is how many comparators a value can pass."),
    Term(
        "odd-even transposition",
        "A sorting network of n layers in which neighbouring lanes meet, even pairs and odd pairs in turn.",
        ("odd-even network",),
    ),
    Term(
        "bitonic network",
        "A sorting network that merges short sorted runs, one rising and one falling, into longer and longer ones.",
    ),
    Term("0-1 principle", "A network that sorts every input of zeros and ones sorts every input."),
)
