"""Lesson 04: what steepness and the six distributions do to values, errors and gradients."""
