"""Where the training of a linear head stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from ..data.embeddings import EmbeddingData, EmbeddingSplit
from ..models import LinearHead
from .distributed import ALONE
from .machine import pick_device
from .order import Order
from .run_state import TrainingState


class HeadBatches(Order):
    """Stored embeddings in shuffled batches, of which one at a time is in memory; see `Order`.

    Iterating yields (embeddings (B, d), labels (B,)), on the CPU.
    """

    def __init__(self, split: EmbeddingSplit, size: int, seed: int) -> None:
        super().__init__(len(split), size, seed)
        self.split = split

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return (self.split.rows(chosen) for chosen in super().__iter__())


class HeadState(TrainingState):
    """The training of a head with Adam at a constant rate.

    Args:
        config: the settings for the record, among them epochs, lr, batch_size and seed.
        data: the embeddings.
        loss_fn: takes logits (B, classes) and labels (B,), gives a scalar.
        start: a head to train on from; it stays as it is.
        device: as `topk_lib.experiments.Config` takes it.

    Raises:
        ValueError: the device is missing, or start does not fit the data.
    """

    def __init__(
        self,
        config: Mapping[str, object],
        data: EmbeddingData,
        loss_fn: Callable[[Tensor, Tensor], Tensor],
        start: LinearHead | None = None,
        device: str = "auto",
    ) -> None:
        super().__init__(config["epochs"], HeadBatches(data.train, config["batch_size"], config["seed"]))
        self.config, self.data = config, data
        self.device, self.precision, self.processes = pick_device(device), "float32", ALONE
        self.loss_fn = loss_fn.to(self.device) if isinstance(loss_fn, nn.Module) else loss_fn
        self.model = _first_head(data, config["seed"], start).to(self.device)
        self.lr = config["lr"]
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=self.lr)


def _first_head(data: EmbeddingData, seed: int, start: LinearHead | None) -> LinearHead:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        head = LinearHead(data.dimensions, data.num_classes)
    if start is not None:
        found, wanted = tuple(start[-1].weight.shape), tuple(head[-1].weight.shape)
        if found != wanted:
            raise ValueError(f"start must have weights of shape {wanted}, got {found}")
        head.load_state_dict(start.state_dict())
    return head
