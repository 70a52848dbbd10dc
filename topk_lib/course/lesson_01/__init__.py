"""Lesson 01: an image with more than one reasonable answer, and P_K as the answer to it."""
