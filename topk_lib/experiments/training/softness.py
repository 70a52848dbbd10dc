"""The softness of a loss while it trains: on its way from the sorter's own value to another, or learned."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from ...sorters import Relaxation
from .recipes import Recipe


class Softness:
    """The steepness, temperature or scale of a loss's sorter during a run, as its recipe has it.

    Args:
        loss_fn: what is trained with.
        recipe: says where the softness goes.
        steps: of the run.

    Attributes:
        parameters: those of the loss, to be trained with the network's.

    Raises:
        ValueError: the recipe moves a softness, but the loss has none, or it is learned.
    """

    def __init__(self, loss_fn: Any, recipe: Recipe, steps: int) -> None:
        self.sorter = getattr(loss_fn, "sorter", None)
        self.parameters = list(loss_fn.parameters()) if isinstance(loss_fn, nn.Module) else []
        self.end, self.path, self.steps = recipe.softness_end, recipe.softness_schedule or "geometric", steps
        if self.end is None:
            return
        if not isinstance(self.sorter, Relaxation) or self.value is None:
            raise ValueError(f"softness_end must be left out for a loss without a soft sorter, got {self.end:g}")
        if self.parameters:
            raise ValueError(f"softness_end must be left out for a loss that learns its softness, got {self.end:g}")
        self.start = self.value

    @property
    def name(self) -> str:
        """Of the sorter's setting; empty if there is none."""
        return self.sorter.SOFTNESS if isinstance(self.sorter, Relaxation) else ""

    @property
    def value(self) -> float | None:
        """What it is now."""
        softness = getattr(self.sorter, self.name, None)
        return softness.item() if isinstance(softness, Tensor) else softness

    def described(self) -> dict[str, float]:
        """Its name and value, for the row of an epoch, if it changes during the run."""
        moves = self.end is not None or self.parameters
        return {self.name: self.value} if moves and self.value is not None else {}

    def set(self, step: int) -> None:
        """Give the sorter its softness of a step, counted from 0: the first one has the start, the last one the end."""
        if self.end is None or self.sorter is None:
            return
        part = step / max(self.steps - 1, 1)
        if self.path == "linear":
            self._put(self.start + part * (self.end - self.start))
        else:
            self._put(math.exp(math.log(self.start) + part * math.log(self.end / self.start)))

    def reset(self) -> None:
        """Give the sorter back what it had before the run."""
        if self.end is not None:
            self._put(self.start)

    def _put(self, value: float) -> None:
        softness = getattr(self.sorter, self.name)
        if isinstance(softness, Tensor):
            with torch.no_grad():
                softness.fill_(value)
        else:
            setattr(self.sorter, self.name, value)
