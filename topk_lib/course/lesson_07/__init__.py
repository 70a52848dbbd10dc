"""Lesson 07: capacity, ambiguity and label noise, on data whose best answer is known."""
