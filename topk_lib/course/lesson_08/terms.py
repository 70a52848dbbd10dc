"""The words that lesson 08 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("seed", "The number from which all random choices of a run follow; the same seed repeats the run."),
    Term("epoch", "One pass of training over all training images."),
    Term(
        "paired comparison",
        "Two methods run with the same seeds and compared seed by seed, so that what the runs share cancels.",
    ),
    Term(
        "confidence interval",
        "A range computed so that, over many repeated experiments, it holds the true value as often as promised.",
        ("error bar",),
    ),
)
