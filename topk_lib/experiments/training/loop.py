"""The training loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from torch import Tensor, nn

from ..config import Config
from ..data import ImageData
from ..record import make_record
from .checkpoint import Checkpoint, NoCheckpoint
from .distributed import ALONE, Processes
from .evaluate import autocast, evaluate
from .run_state import RunState, TrainingState


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
    """A trained network in evaluation mode, and its record (see `topk_lib.experiments.record`)."""

    model: nn.Module
    record: dict[str, object]


OnBatch = Callable[[int, BatchInfo], bool | None]
OnEpoch = Callable[[dict[str, float]], bool | None]
State = TypeVar("State", bound=TrainingState)


def fit(
    config: Config,
    data: ImageData,
    *,
    on_batch: OnBatch | None = None,
    on_epoch: OnEpoch | None = None,
    watch: bool = True,
    checkpoint: Checkpoint | str | Path | None = None,
    processes: Processes = ALONE,
) -> Trained:
    """Train a network as ``config`` says and evaluate it on all test images.

    The weights that count are those after the last step, or, where the recipe selects by an accuracy, those of the
    epoch that was best in it on the held-out images.

    Initialization, order and augmentation follow from ``config.seed`` alone: runs that differ in the loss
    start from the same weights and see the same batches, and a run repeats exactly on the same machine with
    the same number of threads. The global random state is left alone.

    Args:
        config: what to train, and how.
        data: what ``topk_lib.experiments.data.load`` returned for it.
        on_batch: called as ``on_batch(step, info)`` after every step, counted from 1. Its time counts as
            training.
        on_epoch: called with the epoch's row of the record after every epoch. Its time does not count.
        watch: evaluate after every epoch; otherwise after the last one only, which saves much of the time of short
            runs, and then the last epoch is the one that is selected.
        checkpoint: a `Checkpoint`, or the path of one: the state of the run is kept there, also when a callback raises
            an error, and a run whose state is there goes on from it. One that had come to its end is evaluated again.
        processes: that train together, see `distributed`. Each of them calls this function with the
            same config, data and path, and has its own callbacks; where one stops, all do.

    Returns:
        The network and its record. Where a callback stopped the run, the record says ``"stopped_early":
        true`` and the last row of its epochs covers the images seen until then; everything else is as ever.

    Raises:
        ValueError: the device is missing, the recipe, the loss or the model does not fit the data, or the checkpoint
            is that of another run.
        FloatingPointError: the loss became infinite or NaN.
        OSError: the checkpoint cannot be written; the one before is whole.
    """
    run = RunState(config, data, processes)

    def look(run: RunState) -> dict[str, float]:
        return evaluate(run.model, run.held_out or data.test, run.precision, processes)

    go_through(run, take_step, look, on_batch, on_epoch, checkpoint, watch)
    chosen = run.choose()
    known = {name: value for name, value in chosen.items() if name.startswith("top")}
    final = evaluate(run.model, data.test, run.precision, processes) if run.held_out or not known else known
    return Trained(run.model.eval(), make_record(run, chosen, final))


def go_through(
    run: State,
    take_step: Callable[[State, Tensor, Tensor], None],
    look: Callable[[State], dict[str, float]],
    on_batch: OnBatch | None,
    on_epoch: OnEpoch | None,
    checkpoint: Checkpoint | str | Path | None,
    watch: bool = True,
) -> None:
    """Take every step of a training that is left: the loop of `fit` and of `topk_lib.experiments.fit_head`.

    Args:
        run: where it stands; after it, where it ended.
        take_step: called with the run and a batch.
        look: gives the accuracies of the run for the row of an epoch.
        on_batch, on_epoch, checkpoint, watch: as for `fit`.
    """
    checkpoint, stopped = _as_checkpoint(checkpoint), False
    checkpoint.begin(run)
    while run.epoch <= run.epochs and not stopped:
        stopped = _train_for_an_epoch(run, take_step, on_batch, checkpoint)
        row = run.describe_epoch()
        run.clock.stop()
        row["train_seconds"] = run.clock.seconds
        if watch or run.epoch == run.epochs:
            row |= look(run)
        run.finish_epoch(row)
        if not stopped:
            checkpoint.save(run)
        stopped = run.processes.any(_stops(on_epoch, row) or stopped)


def _train_for_an_epoch(
    run: State, take_step: Callable[[State, Tensor, Tensor], None], on_batch: OnBatch | None, checkpoint: Checkpoint
) -> bool:
    """Take the steps that are left of the epoch; whether a callback wants the run to end."""
    run.model.train()
    run.clock.start()
    for inputs, labels in run.batches:
        take_step(run, inputs, labels)
        info = BatchInfo(run.epoch, run.epochs, run.steps, run.losses[-1], run.lr)
        try:
            stopped = _stops(on_batch, run.step, info)
        except BaseException:  # whatever has happened there, the step is whole
            checkpoint.save(run)
            raise
        if run.processes.any(stopped):
            return True
        checkpoint.save_if_due(run)
    return False


def take_step(run: RunState, images: Tensor, labels: Tensor) -> None:
    """Train on one batch, images (B, 3, H, W) uint8 and labels (B,) on the device.

    Nothing here waits for a GPU, but for `topk_lib.SinkhornSort`, which iterates until it has converged.
    """
    with autocast(run.device, run.precision):
        logits = run.parallel(images[run.share])
    loss = run.loss_fn(logits.float(), labels[run.share])
    run.optimizer.zero_grad()
    run.scaler.scale(loss).backward()
    run.scaler.step(run.optimizer)
    run.scaler.update()
    run.lr = run.schedule.get_last_lr()[0]
    run.schedule.step()
    run.step += 1
    run.losses.append(run.processes.mean(loss.detach()))


def _as_checkpoint(checkpoint: Checkpoint | str | Path | None) -> Checkpoint:
    if checkpoint is None:
        return NoCheckpoint()
    return checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)


def _stops(callback: Callable[..., bool | None] | None, *news: object) -> bool:
    """Call the callback if there is one; whether it wants the training to end."""
    try:
        return callback is not None and callback(*news) is False
    except StopTraining:
        return True
