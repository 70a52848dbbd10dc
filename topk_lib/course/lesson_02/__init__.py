"""Lesson 02: NeuralSort, SoftSort, Sinkhorn and networks as ways to make a permutation soft."""
