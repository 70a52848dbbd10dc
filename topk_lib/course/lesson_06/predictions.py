"""What a reader of lesson 06 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
