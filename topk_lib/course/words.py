"""Sentences for learners: numbers are put into them, and they are broken into lines that fit a projector."""

from __future__ import annotations

import string
import textwrap

import torch

from ..experiments.example import scores

WIDTH = 96  # columns


def wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most WIDTH columns; words such as top-k stay whole."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def filled(words: str, *values: object, **named: object) -> str:
    """The words with values in place of their fields, as `str.format` does it, and lists and tensors besides.

    Where a field says how a number looks, the entries of a list or tensor stand side by side: "{:.1f}" makes 1.0, 0.5
    of [1, 0.5]. A tensor of which a field says nothing is taken for scores, the running example's or others.
    """
    return _Filler().vformat(words, values, named)


class _Filler(string.Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        if isinstance(value, torch.Tensor):
            if not format_spec:
                return "the six scores" if torch.equal(value, scores()) else self.format("scores [{:.2f}]", value)
            value = value.tolist()
        if isinstance(value, list | tuple) and format_spec:
            return ", ".join(self.format_field(each, format_spec) for each in value)
        return format(value + 0.0 if isinstance(value, float) else value, format_spec)  # -0.0 is shown as 0.0
