"""Answers to the exercises of lesson 06 as learners get them wrong, and to its predictions as they are right."""

WRONG = {}

RIGHT = {}
