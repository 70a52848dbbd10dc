"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..data import ImageData
from .augment import Batches
from .build import build_model, hold_out
from .config import Config
from .evaluate import autocast, evaluate
from .machine import pick_device, pick_precision
from .recipes import make_optimizer, make_schedule
from .record import make_record


class StopTraining(Exception):
    """Raised in a callback, it ends the training after the present batch; returning False does the same."""


class BatchInfo(NamedTuple):
    """What a callback is told about the batch that has just been trained on.

    Attributes:
        epoch: the present one, from 1 to ``epochs``.
        epochs: of the whole run.
        steps: of the whole run.
        loss: of this batch, a tensor without dimensions on the training device. ``float(info.loss)`` waits
            for a GPU to catch up, so read it now and then rather than at every step.
        lr: learning rate of this step.
        images: in this batch.
    """

    epoch: int
    epochs: int
    steps: int
    loss: Tensor
    lr: float


class Trained(NamedTuple):
    """A trained network in evaluation mode, and its record (see `topk_lib.training.record`)."""

    model: nn.Module
    record: dict[str, object]


OnBatch = Callable[[int, BatchInfo], bool | None]
OnEpoch = Callable[[dict[str, float]], bool | None]


def fit(
    config: Config,
    data: ImageData,
    *,
    on_batch: OnBatch | None = None,
    on_epoch: OnEpoch | None = None,
    watch: bool = True,
) -> Trained:
    """Train a network as ``config`` says and evaluate its last weights on all test images.

    Initialization, order and augmentation follow from ``config.seed`` alone: runs that differ in the loss
    start from the same weights and see the same batches, and a run repeats exactly on the same machine with
    the same number of threads. The global random state is left alone.

    Args:
        config: what to train, and how.
        data: what ``topk_lib.data.load`` returned for it.
        on_batch: called as ``on_batch(step, info)`` after every step, counted from 1. Its time counts as
            training.
        on_epoch: called with the epoch's row of the record after every epoch. Its time does not count.
        watch: evaluate after every epoch; otherwise after the last one only, which saves much of the time of short runs.

    Returns:
        The network and its record. Where a callback stopped the run, the record says ``"stopped_early":
        true`` and the last row of its epochs covers the images seen until then; everything else is as ever.

    Raises:
        ValueError: the device is missing, or the loss or the model does not fit the data.
        FloatingPointError: the loss became infinite or NaN.
    """
    device = pick_device(config.device)
    precision = pick_precision(config.precision, device)
    recipe, loss_fn = config.make_recipe(), config.make_loss().to(device)
    train, held_out = hold_out(data.train, recipe.held_out, config.seed)
    batches = Batches(train, recipe.batch_size, recipe.crop_padding, recipe.flip, config.seed, device)
    model = build_model(config, train, data.num_classes).to(device, memory_format=torch.channels_last)
    optimizer = make_optimizer(recipe, model)
    steps = recipe.epochs * len(batches)
    schedule = make_schedule(recipe, optimizer, steps)

    rows, step = [], 0
    for epoch in range(1, recipe.epochs + 1):
        started, losses, stopped = time.perf_counter(), [], False
        model.train()
        for images, labels in batches:
            with autocast(device, precision):
                logits = model(images)
            loss = loss_fn(logits.float(), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            lr = schedule.get_last_lr()[0]
            schedule.step()
            step += 1
            losses.append(loss.detach())
            if stopped := _stops(on_batch, step, BatchInfo(epoch, recipe.epochs, steps, losses[-1], lr)):
                break
        row = {"epoch": epoch, "images": len(losses) * batches.size, "train_loss": _mean(losses), "lr": lr}
        row["train_seconds"] = time.perf_counter() - started
        accuracies = evaluate(model, held_out or data.test, precision) if watch or epoch == recipe.epochs else {}
        rows.append(row | accuracies)
        if _stops(on_epoch, rows[-1]) or stopped:
            break

    final = evaluate(model, data.test, precision) if held_out else accuracies
    return Trained(model, make_record(config, data, model, (device, precision), rows, final, step < steps))


def _mean(losses: list[Tensor]) -> float:
    """Mean of an epoch's losses; on a GPU this waits until the epoch is done."""
    mean = torch.stack(losses).mean().item()
    if not math.isfinite(mean):
        raise FloatingPointError(f"the training diverged: a loss was {mean}; a smaller learning rate may help")
    return mean


def _stops(callback: Callable[..., bool | None] | None, *news: object) -> bool:
    """Call the callback if there is one; whether it wants the training to end."""
    try:
        return callback is not None and callback(*news) is False
    except StopTraining:
        return True
