"""What a reader of lesson 03 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
