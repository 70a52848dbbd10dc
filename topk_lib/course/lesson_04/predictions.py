"""What a reader of lesson 04 is asked to predict."""

from __future__ import annotations

PREDICTIONS = ()
