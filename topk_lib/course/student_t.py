"""Student's t, where the lessons look for it."""

from __future__ import annotations

from ..experiments.student_t import t_quantile

__all__ = ["t_quantile"]
