"""What a reader of lesson 10 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
