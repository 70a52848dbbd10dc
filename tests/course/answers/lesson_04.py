"""Answers to the exercises of lesson 04 as learners get them wrong, and to its predictions as they are right."""

WRONG = {}

RIGHT = {}
