"""Lesson 00: what the course is about, on six scores."""
