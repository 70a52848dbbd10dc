"""The words that lesson 06 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term(
        "top-1 mode",
        "Where the part of the loss for k = 1 comes from: from P (sort), or from softmax (sm and smce).",
        ("sort", "sm", "smce"),
    ),
    Term("m-selection", "Letting only the label and the m - 1 largest other scores enter the loss.", ("m",)),
    Term(
        "rival",
        "Any class but the label; a rival with a positive gradient has its score lowered by a step of descent.",
    ),
    Term(
        "floor",
        "The small number eps that is mixed into a chance before its logarithm, which bounds the loss by -log(eps).",
        ("eps",),
    ),
    Term(
        "saturation",
        "Where a loss hardly changes any more with the scores, so that its gradient is nearly zero.",
    ),
)
