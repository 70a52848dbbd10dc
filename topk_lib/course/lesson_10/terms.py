"""The words that lesson 10 introduces."""

from __future__ import annotations

TERMS = ()
