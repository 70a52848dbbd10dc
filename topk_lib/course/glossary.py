"""The words of the course, one plain sentence each, and the lesson that introduces them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from .grading import wrapped


@dataclass(frozen=True)
class Term:
    """A word of the course: its name, one sentence, the lesson that introduces it, and other names for it."""

    name: str
    meaning: str
    lesson: int
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        also = f" (also: {', '.join(self.also)})" if self.also else ""
        return f"{self.name}{also}: {self.meaning} Introduced in lesson {self.lesson:02d}."


TERMS: tuple[Term, ...] = (
    Term("score", "The number a network gives to one class; the larger, the more it believes in it.", 0, ("logit",)),
    Term("label", "The class that a training or test image is said to show.", 0, ("target",)),
    Term("rank", "The place of a class when the scores are sorted from largest to smallest; the best is rank 1.", 0),
    Term("top-k", "The k classes with the largest scores.", 0),
    Term("top-k accuracy", "The fraction of images whose label is among the top k.", 0),
    Term("softmax", "Turns scores into positive numbers that sum to 1: exponentials, divided by their sum.", 0),
    Term("cross-entropy", "Minus the logarithm of the chance that the model gives to the label.", 0, ("CE",)),
    Term(
        "top-k cross-entropy",
        "Minus the logarithm of the chance that the label is among the top K, with K drawn from P_K.",
        0,
        ("top-k loss",),
    ),
    Term(
        "P_K",
        "The probabilities with which k = 1, 2, 3, … is drawn as the number of guesses that are allowed.",
        0,
    ),
    Term(
        "rank weight",
        "How much a rank counts: the chance that K is at least that rank, a sum of P_K from there on.",
        1,
        ("w",),
    ),
    Term(
        "E[K]",
        "The mean of K under P_K; also the sum of all classes' chances to be among the top K.",
        1,
        ("expected K",),
    ),
    Term("ambiguous image", "An image for which more than one class is a reasonable answer.", 1),
    Term(
        "permutation matrix",
        "A matrix with a single 1 in every row and column and zeros elsewhere; multiplied by scores it sorts them.",
        2,
        ("hard permutation",),
    ),
    Term(
        "soft permutation matrix",
        "A matrix P of numbers between 0 and 1 whose row r tells how likely each class is to hold rank r.",
        2,
        ("P",),
    ),
    Term(
        "row-stochastic",
        "Said of a matrix without negative entries whose rows all sum to 1: every rank is given to one class in all.",
        2,
    ),
    Term(
        "doubly stochastic",
        "Said of a matrix without negative entries whose rows and columns all sum to 1: every rank is given out once "
        "and every class gets one rank in all.",
        2,
    ),
    Term(
        "temperature",
        "The score gap that counts as one unit; small makes P nearly hard, large makes it nearly even.",
        2,
        ("tau", "τ"),
    ),
    Term(
        "relaxation",
        "A smooth function in place of one that jumps, so that gradients exist; here, soft sorting instead of sorting.",
        2,
    ),
    Term("SoftSort", "Row r of P is a softmax over how close each score is to the r-th largest score.", 2),
    Term("NeuralSort", "Row r of P is a softmax over a formula whose largest entry is the r-th largest score.", 2),
    Term(
        "SinkhornSort",
        "P is made by scaling the rows and columns of a positive matrix in turn until all of them sum to 1.",
        2,
    ),
    Term(
        "comparator",
        "A device with two lanes that sends the smaller value out on one and the larger on the other.",
        3,
    ),
    Term(
        "soft comparator",
        "A comparator that swaps its two values only to some degree, which depends smoothly on their gap.",
        3,
    ),
    Term("lane", "One of the n wires on which values travel through a network.", 3, ("wire",)),
    Term("layer", "Comparators that share no lane and so can act at the same time.", 3),
    Term(
        "sorting network",
        "A fixed arrangement of comparators that sorts whatever values enter it.",
        3,
    ),
    Term(
        "0-1 principle",
        "A network that sorts every input of zeros and ones sorts every input.",
        3,
    ),
    Term(
        "steepness",
        "How fast a soft comparator turns from not swapping to swapping as the gap grows; one over a temperature.",
        4,
        ("beta", "β", "inverse temperature"),
    ),
    Term("tie", "Two equal scores, between which a soft comparator is undecided.", 4),
    Term(
        "monotone",
        "Said of a soft comparator whose outputs never fall when a score rises, so no gradient has the wrong sign.",
        4,
    ),
    Term(
        "ART",
        "The activation replacement trick: small score gaps are spread apart before they enter the sigmoid.",
        4,
        ("activation replacement trick",),
    ),
    Term(
        "selection network",
        "A network that sorts the k largest values only, with far fewer comparators than full sorting needs.",
        5,
    ),
    Term("pruning", "Leaving out the comparators that cannot influence the top k.", 5),
    Term("payload", "A vector sent through the same soft swaps as the scores, so that P need not be stored.", 5),
    Term("m-selection", "Letting only the label and the m - 1 largest other scores enter the loss.", 6, ("m",)),
    Term(
        "posterior",
        "The true chance of each class, given the image; known for images that were drawn by a known rule.",
        7,
    ),
    Term(
        "best possible accuracy",
        "The top-k accuracy of guessing each image's k most likely classes, which no model beats on average.",
        7,
        ("Bayes-optimal accuracy",),
    ),
    Term("label noise", "Labels that were replaced by wrong ones, for a known or unknown part of the images.", 7),
    Term("seed", "The number from which all random choices of a run follow; the same seed repeats the run.", 8),
    Term("epoch", "One pass of training over all training images.", 8),
    Term(
        "paired comparison",
        "Two methods run with the same seeds and compared seed by seed, so that what the runs share cancels.",
        8,
    ),
    Term(
        "confidence interval",
        "A range computed so that, over many repeated experiments, it holds the true value as often as promised.",
        8,
        ("error bar",),
    ),
    Term("fine-tuning", "Training on from a network that was trained before, here often its last layer only.", 9),
    Term("embedding", "The vector by which a trained network describes an image, stored to train a new head on.", 9),
)

_BY_NAME = {name.casefold(): entry for entry in TERMS for name in (entry.name, *entry.also)}


def lookup(name: str) -> Term:
    """The entry of that name or other name, upper or lower case.

    Raises:
        ValueError: there is none; the message offers names that are spelled alike.
    """
    key = name.strip().casefold() if isinstance(name, str) else ""
    if key not in _BY_NAME:
        near = [_BY_NAME[n].name for n in difflib.get_close_matches(key, _BY_NAME, n=3)]
        meant = f"; did you mean {' or '.join(map(repr, dict.fromkeys(near)))}?" if near else ""
        raise ValueError(f"name must be a term of the glossary, got {name!r}{meant}")
    return _BY_NAME[key]


def term(name: str) -> None:
    """Print what a word means and where it is introduced."""
    print("\n".join(wrapped(str(lookup(name)))))


def glossary_markdown(lesson: int | None = None) -> str:
    """The terms as a Markdown list in alphabetical order: those that a lesson introduces, or all of them.

    Raises:
        ValueError: no term is introduced in that lesson.
    """
    chosen = [entry for entry in TERMS if lesson in (None, entry.lesson)]
    if not chosen:
        raise ValueError(f"lesson must be one that introduces terms, got {lesson!r}")
    ordered = sorted(chosen, key=lambda entry: entry.name.casefold())
    return "\n".join(f"- **{entry.name}**: {entry.meaning} (lesson {entry.lesson:02d})" for entry in ordered)
