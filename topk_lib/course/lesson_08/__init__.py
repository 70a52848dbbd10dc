"""Lesson 08: a full training run, and how to compare two losses fairly."""
