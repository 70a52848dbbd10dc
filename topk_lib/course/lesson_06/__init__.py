"""Lesson 06: from P to a loss, and from the loss to a gradient on every class."""
