"""Lesson 09: stored embeddings, thousands of classes, and m."""

from ...experiments.kept import Kept, what_m_keeps

__all__ = ["Kept", "what_m_keeps"]
