"""The words that lesson 06 introduces."""

from __future__ import annotations

from ..entry import Term

TERMS = (Term("m-selection", "Letting only the label and the m - 1 largest other scores enter the loss.", ("m",)),)
