"""What a reader of lesson 07 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
