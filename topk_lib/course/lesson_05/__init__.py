"""Lesson 05: fewer comparators for few ranks, and a payload in place of a matrix."""
