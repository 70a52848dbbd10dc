"""How a network is trained: recipes, batches, the loop, checkpoints, several processes."""
