"""Where a training stands: all that changes from step to step, and all that is known so far."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ..data import Data, EmbeddingSplit, Split
from ..data.base import split_off
from .batches import ImageBatches, VectorBatches
from .distributed import ALONE, Processes
from .machine import pick_precision
from .recipes import Recipe, make_optimizer, make_schedule
from .softness import Softness

Loss = Callable[[Tensor, Tensor], Tensor]
Row = dict[str, float]


class Stopwatch:
    """Adds up the seconds between `start` and `stop`."""

    def __init__(self) -> None:
        self.seconds, self._since = 0.0, None

    def start(self) -> None:
        """Count from now on."""
        self._since = time.perf_counter()

    def stop(self) -> bool:
        """Count no longer; whether it did."""
        if self._since is None:
            return False
        self.seconds += time.perf_counter() - self._since
        self._since = None
        return True

    def state_dict(self) -> dict[str, float]:
        """The seconds so far."""
        return {"seconds": self.seconds}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Stop at so many seconds."""
        self.seconds, self._since = state["seconds"], None


def hold_out(data: Data, fraction: float, seed: int) -> tuple[Split | EmbeddingSplit, Split | EmbeddingSplit | None]:
    """The samples to train on, and those to watch: the data set's own validation samples, or a part of the others.

    Args, raises: as for `split_off`.
    """
    return split_off(data.train, fraction, seed) if data.validation is None else (data.train, data.validation)


class TrainingState:
    """A training before, between and after its steps.

    Nothing is drawn while it goes on but the batches, and those from a generator of their own: there is no other random
    state.

    Args:
        model, loss_fn, data, recipe, seed, device, precision, processes: as for `topk_lib.experiments.fit`.
        config: the settings by which the record and a checkpoint know the run.

    Attributes:
        data, recipe, config, processes: what was asked for.
        device, precision, loss_fn, held_out: what follows from it, and stays.
        model, optimizer, scaler, schedule, batches: what a step changes.
        softness: that of the loss, which a step may move or train.
        parallel, share: the network as the processes train it together, and this one's part of each batch.
        clock: seconds of training in the present epoch.
        steps, step: of the whole run, and taken so far.
        lr: learning rate of the last step.
        losses: of the present epoch so far, tensors without dimensions on the device.
        rows: of the epochs that are finished, as the record has them.
        best: where the recipe selects by an accuracy: "epoch" that was best in it so far, its "weights", "value".

    Raises:
        ValueError: the device is missing, or the recipe does not fit the data.
    """

    PARTS = ("model", "optimizer", "batches", "clock", "scaler", "schedule", "loss_fn")
    NUMBERS = ("step", "steps", "lr", "rows", "best")

    def __init__(
        self,
        model: nn.Module,
        loss_fn: Loss,
        data: Data,
        recipe: Recipe,
        *,
        seed: int = 0,
        device: str = "auto",
        precision: str = "auto",
        processes: Processes = ALONE,
        config: Mapping[str, Any],
    ) -> None:
        self.data, self.recipe, self.processes, self.config = data, recipe, processes, config
        self.device = processes.device(device)
        self.precision = pick_precision(precision, self.device, images=isinstance(data.train, Split))
        if recipe.select != "last" and int(recipe.select[3:]) > data.num_classes:
            raise ValueError(f"select must not reach past the {data.num_classes} classes, got {recipe.select!r}")
        train, self.held_out = hold_out(data, recipe.val_fraction, seed)
        self.batches = self._make_batches(train, seed)
        self.epochs, self.steps, self.step = recipe.epochs, recipe.epochs * len(self.batches), 0
        self.loss_fn = loss_fn.to(self.device) if isinstance(loss_fn, nn.Module) else loss_fn
        # torch's types leave the memory format out.
        self.model = model.to(self.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.parallel, self.share = processes.parallel(self.model), processes.share_of_batch(self.batches.size)
        self.softness = Softness(self.loss_fn, recipe, self.steps)
        if self.softness.parameters and processes.size > 1:
            raise ValueError("loss_fn must have no parameters of its own where several processes train together")
        self.optimizer = make_optimizer(recipe, self.model, self.softness.parameters)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "float16")
        self.schedule = make_schedule(recipe, self.optimizer, self.steps)
        self.clock, self.lr = Stopwatch(), 0.0
        self.losses: list[Tensor] = []
        self.rows: list[Row] = []
        self.best: dict[str, Any] | None = None

    def _make_batches(self, train: Split | EmbeddingSplit, seed: int) -> ImageBatches | VectorBatches:
        recipe = self.recipe
        if isinstance(train, Split):
            return ImageBatches(train, recipe.batch_size, recipe.crop_padding, recipe.flip, seed, self.device)
        for name, nothing in (("crop_padding", "0"), ("flip", "false")):
            if value := getattr(recipe, name):
                raise ValueError(f"{name} must be {nothing} for {self.data.kind}, which are no images, got {value!r}")
        return VectorBatches(train, recipe.batch_size, seed, self.device)

    @property
    def epoch(self) -> int:
        """The present epoch, counted from 1."""
        return len(self.rows) + 1

    def mean_loss(self) -> float:
        """Of the present epoch; on a GPU this waits until all its steps are done.

        Raises:
            FloatingPointError: a loss was infinite or NaN.
        """
        mean = torch.stack(self.losses).mean().item()
        if not math.isfinite(mean):
            raise FloatingPointError(f"the training diverged: a loss was {mean}; a smaller learning rate may help")
        return mean

    def describe_epoch(self) -> Row:
        """What the row of the present epoch begins with; raises as `mean_loss` does."""
        samples = len(self.losses) * self.batches.size
        row = {"epoch": self.epoch, self.data.kind: samples, "train_loss": self.mean_loss(), "lr": self.lr}
        return {**row, **self.softness.described()}

    def finish_epoch(self, row: Row) -> None:
        """Keep the row of the present epoch, and its weights if they are the best so far; then the next one begins."""
        value = row.get(self.recipe.select)
        if value is not None and (self.best is None or value > self.best["value"]):
            weights = {name: tensor.detach().cpu().clone() for name, tensor in self.model.state_dict().items()}
            self.best = {"epoch": row["epoch"], "value": value, "weights": weights}
        self.rows.append(row)
        self.losses, self.clock = [], Stopwatch()

    def choose(self) -> Row:
        """Give the network the weights that the recipe selects; returns the row of their epoch."""
        if self.best is None:
            return self.rows[-1]
        self.model.load_state_dict(self.best["weights"])
        return self.rows[self.best["epoch"] - 1]

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` needs to go on, as tensors and plain values."""
        losses = torch.stack(self.losses).cpu() if self.losses else torch.empty(0)
        numbers = {name: getattr(self, name) for name in self.NUMBERS}
        return {name: getattr(self, name).state_dict() for name in self._parts()} | numbers | {"losses": losses}

    def _parts(self) -> tuple[str, ...]:
        return self.PARTS if self.softness.parameters else self.PARTS[:-1]

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where a run of the same settings on the same data was."""
        for name in self._parts():
            getattr(self, name).load_state_dict(state[name])
        for name in self.NUMBERS:
            setattr(self, name, state[name])
        self.losses = list(state["losses"].to(self.device))
