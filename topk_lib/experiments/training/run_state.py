"""Where a run stands: all that changes from step to step, and all that is known so far."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import torch
from torch import Tensor

from ..config import Config
from ..data import ImageData
from .augment import Batches
from .build import build_model, hold_out_of
from .distributed import ALONE, Processes
from .machine import pick_precision
from .order import Order
from .recipes import make_optimizer, make_schedule


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


class TrainingState:
    """Where any training stands, at first before its first step.

    Nothing is drawn while it goes on but the batches, and those from a generator of their own: there is no other random
    state.

    Args:
        epochs: of the whole run.
        batches: of one epoch.

    Attributes:
        config, data, device, precision, processes: what is trained on what and where; set by each kind of training.
        model, optimizer, batches: what a step changes; the first two are set by each kind, too.
        clock: seconds of training in the present epoch.
        steps, step: of the whole run, and taken so far.
        lr: learning rate of the last step.
        losses: of the present epoch so far, tensors without dimensions on the device.
        rows: of the epochs that are finished, as the record has them.
    """

    PARTS: tuple[str, ...] = ("model", "optimizer", "batches", "clock")
    NUMBERS: tuple[str, ...] = ("step", "steps", "lr", "rows")

    def __init__(self, epochs: int, batches: Order) -> None:
        self.epochs, self.batches = epochs, batches
        self.steps, self.step = epochs * len(batches), 0
        self.clock, self.lr = Stopwatch(), 0.0
        self.losses: list[Tensor] = []
        self.rows: list[dict[str, float]] = []

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

    def describe_epoch(self) -> dict[str, float]:
        """What the row of the present epoch begins with; raises as `mean_loss` does."""
        return {"epoch": self.epoch, "train_loss": self.mean_loss()}

    def finish_epoch(self, row: dict[str, float]) -> None:
        """Keep the row of the present epoch; then the next one begins."""
        self.rows.append(row)
        self.losses, self.clock = [], Stopwatch()

    def state_dict(self) -> dict[str, object]:
        """What `load_state_dict` needs to go on, as tensors and plain values."""
        losses = torch.stack(self.losses).cpu() if self.losses else torch.empty(0)
        numbers = {name: getattr(self, name) for name in self.NUMBERS}
        return {name: getattr(self, name).state_dict() for name in self.PARTS} | numbers | {"losses": losses}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Go to where a run of the same settings on the same data was."""
        for name in self.PARTS:
            getattr(self, name).load_state_dict(state[name])
        for name in self.NUMBERS:
            setattr(self, name, state[name])
        self.losses = list(state["losses"].to(self.device))


class RunState(TrainingState):
    """A run on images.

    Attributes:
        config, data, processes: what was asked for.
        device, precision, recipe, loss_fn, held_out: what follows from it, and stays.
        model, optimizer, scaler, schedule, batches: what a step changes.
        parallel, share: the network as the processes train it together, and this one's part of each batch.
        best: where the recipe selects by an accuracy: "epoch" that was best in it so far, its "weights", "value".

    Raises:
        ValueError: the device is missing, or the recipe, the loss or the model does not fit the data.
    """

    PARTS = (*TrainingState.PARTS, "scaler", "schedule")
    NUMBERS = (*TrainingState.NUMBERS, "best")

    def __init__(self, config: Config, data: ImageData, processes: Processes = ALONE) -> None:
        self.config, self.data, self.recipe = config, data, config.make_recipe()
        self.processes, self.device = processes, processes.device(config.device)
        self.precision = pick_precision(config.precision, self.device)
        recipe, device = self.recipe, self.device
        if recipe.select != "last" and int(recipe.select[3:]) > data.num_classes:
            raise ValueError(f"select must not reach past the {data.num_classes} classes, got {recipe.select!r}")
        train, self.held_out = hold_out_of(data, recipe.held_out, config.seed)
        batches = Batches(train, recipe.batch_size, recipe.crop_padding, recipe.flip, config.seed, device)
        super().__init__(recipe.epochs, batches)
        self.loss_fn = config.make_loss().to(device)
        model = build_model(config, train, data.num_classes)
        self.model = model.to(device, memory_format=torch.channels_last)
        self.parallel, self.share = processes.parallel(self.model), processes.share_of_batch(self.batches.size)
        self.optimizer = make_optimizer(recipe, self.model)
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.precision == "float16")
        self.schedule = make_schedule(recipe, self.optimizer, self.steps)
        self.best: dict[str, object] | None = None

    def describe_epoch(self) -> dict[str, float]:
        """What the row of the present epoch begins with; raises as `mean_loss` does."""
        images = len(self.losses) * self.batches.size
        return {"epoch": self.epoch, "images": images, "train_loss": self.mean_loss(), "lr": self.lr}

    def finish_epoch(self, row: dict[str, float]) -> None:
        """Keep the row of the present epoch, and its weights if they are the best so far; then the next one begins."""
        value = row.get(self.recipe.select)
        if value is not None and (self.best is None or value > self.best["value"]):
            weights = {name: tensor.detach().cpu().clone() for name, tensor in self.model.state_dict().items()}
            self.best = {"epoch": row["epoch"], "value": value, "weights": weights}
        super().finish_epoch(row)

    def choose(self) -> dict[str, float]:
        """Give the network the weights that the recipe selects; returns the row of their epoch."""
        if self.best is None:
            return self.rows[-1]
        self.model.load_state_dict(self.best["weights"])
        return self.rows[self.best["epoch"] - 1]
