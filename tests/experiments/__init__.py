"""Tests of the wing that trains and measures."""
