"""What a reader of lesson 09 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
