"""The running example: six named scores, as a network might give them for the picture of a dog."""

from __future__ import annotations

import torch

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
LABEL = NAMES.index("dog")
"""The class of the picture, as an index: dog has the third largest score, behind fox and wolf."""


def scores(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """The six scores as a new tensor of shape (6,), in the order of NAMES."""
    return torch.tensor(SCORES, dtype=dtype)
