"""Lesson 10: each claim of the paper, and what stands behind it here."""
