"""What a reader of lesson 05 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
