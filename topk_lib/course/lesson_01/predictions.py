"""What a reader of lesson 01 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
