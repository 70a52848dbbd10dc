"""Tests of the figures: what they show, what they say, and that every theme and printer can take them."""
