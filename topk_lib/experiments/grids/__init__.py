"""Comparisons: every loss in every condition with every seed."""
