"""Lesson 09: stored embeddings, thousands of classes, and m."""
