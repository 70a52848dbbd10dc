"""The words that lesson 10 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (
    Term("record", "The file that a run leaves: its settings, seed, software, machine, and everything it measured."),
    Term("protocol", "All choices of an experiment but the one under test: data, network, training, and what is kept."),
)
