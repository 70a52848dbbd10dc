"""Lesson 03: fixed wires that sort anything, hard and soft."""
