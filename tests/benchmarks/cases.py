"""What is timed: one sorter of the top-k loss on one size of batch."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from topk_lib import TopKCrossEntropyLoss, make_sorter
from topk_lib.sorters import sorter_of_steepness

P_K = (0.2,) * 5
STEEPNESS, DISTRIBUTION, SEED = 1.0, "cauchy", 0
NETWORKS = ("odd_even", "bitonic", "splitter_selection")


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        sorter: a key of `topk_lib.SORTERS`.
        batch, classes: shape of the logits.
        m: how many scores enter the loss; None for all.
    """

    sorter: str
    batch: int
    classes: int
    m: int | None = None

    @property
    def sorted_classes(self) -> int:
        """How many scores are sorted."""
        return self.classes if self.m is None else self.m

    def describe(self) -> dict[str, object]:
        """The case as a record has it."""
        return asdict(self)

    def loss(self) -> nn.Module:
        """This library's loss."""
        return TopKCrossEntropyLoss(P_K, sorter_of(self.sorter), self.m)

    def sample(self, batch: int | None = None) -> tuple[Tensor, Tensor]:
        """Logits (batch, classes), which want a gradient, and labels (batch,): the same at every call."""
        generator, batch = torch.Generator().manual_seed(SEED), batch or self.batch
        logits = torch.randn(batch, self.classes, generator=generator)
        return logits.requires_grad_(), torch.randint(self.classes, (batch,), generator=generator)


def sorter_of(name: str) -> nn.Module:
    """This library's sorter, as hard as the peers' are made."""
    if name in NETWORKS:
        return make_sorter(name, steepness=STEEPNESS, distribution=DISTRIBUTION)
    return sorter_of_steepness(name, STEEPNESS)


CASES = (
    *(Case(sorter, 128, 100) for sorter in NETWORKS),
    *(Case(sorter, 128, 100) for sorter in ("neuralsort", "softsort")),
    *(Case(sorter, 500, 1000, 16) for sorter in NETWORKS[1:]),
    *(Case(sorter, 500, 10450, 50) for sorter in NETWORKS[1:]),
    *(Case(sorter, 128, 1000) for sorter in NETWORKS[1:]),
)
QUICK_CASES = (
    *(Case(sorter, 16, 30) for sorter in (*NETWORKS, "neuralsort", "softsort")),
    *(Case(sorter, 32, 200, 16) for sorter in NETWORKS[1:]),
)
