"""Answers to the exercises of lesson 01 as learners get them wrong, and to its predictions as they are right."""

WRONG = {}

RIGHT = {}
