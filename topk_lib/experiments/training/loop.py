"""The training loop: any network, any loss, any data set of the kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor, nn

from ..data import Data
from .checkpoint import Checkpoint, NoCheckpoint
from .distributed import ALONE, Processes
from .evaluate import autocast, evaluate, expected_accuracy
from .recipes import Recipe
from .record import Record, make_record
from .state import Loss, Row, TrainingState


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
    """

    epoch: int
    epochs: int
    steps: int
    loss: Tensor
    lr: float


class FitResult(NamedTuple):
    """A trained network in evaluation mode, and its record (see `topk_lib.experiments.record`)."""

    model: nn.Module
    record: Record


OnBatch = Callable[[int, BatchInfo], bool | None]
OnEpoch = Callable[[Row], bool | None]


def fit(
    model: nn.Module,
    loss_fn: Loss,
    data: Data,
    recipe: Recipe,
    *,
    seed: int = 0,
    device: str = "auto",
    precision: str = "auto",
    on_batch: OnBatch | None = None,
    on_epoch: OnEpoch | None = None,
    watch: bool = True,
    checkpoint: Checkpoint | str | Path | None = None,
    processes: Processes = ALONE,
    config: Mapping[str, Any] | None = None,
) -> FitResult:
    """Train a network and evaluate it on all test samples.

    The weights that count are those after the last step, or, where the recipe selects by an accuracy, those of the
    epoch that was best in it on the validation samples.

    Order and augmentation follow from the seed alone: runs from the same first weights that differ in the loss see the
    same batches, and a run repeats exactly on the same machine with the same number of threads. The global random
    state is left alone.

    Args:
        model: any module that maps samples as the data set stores them, uint8 images (B, 3, H, W) or vectors (B, d), to
            logits (B, classes). It is trained in place. `experiments.models.Normalize` makes numbers of pixels.
        loss_fn: called with logits (B, classes) float32 and labels (B,), gives a scalar. If it is a module with
            parameters, such as a steepness to be learned, they are trained too.
        data: what ``topk_lib.experiments.data.load`` returns, or data of your own in the same classes.
        recipe: how to train, one of `topk_lib.experiments.RECIPES` or a `Recipe` of your own.
        seed: of the order, of crops and flips, and of what is held out.
        device: "auto" (CUDA, else XPU, else MPS, else CPU), or the name of a device.
        precision: "auto" (bfloat16 where the device computes in it natively), "float32", "bfloat16" or, on CUDA,
            "float16". The loss is computed in float32 either way.
        on_batch: called as ``on_batch(step, info)`` after every step, counted from 1. Its time counts as
            training.
        on_epoch: called with the epoch's row of the record after every epoch. Its time does not count.
        watch: evaluate after every epoch; otherwise after the last one only, which saves much of the time of short
            runs, and then the last epoch is the one that is selected.
        checkpoint: a `Checkpoint`, or the path of one: the state of the run is kept there, also when a callback raises
            an error, and a run whose state is there goes on from it. One that had come to its end is evaluated again.
        processes: that train together, see `distributed`. Each of them calls this function with the same arguments,
            and has its own callbacks; where one stops, all do.
        config: the settings of the run for its record; a run goes on from a checkpoint of the same ones. By default the
            recipe's, with the seed and the names of model and loss.

    Returns:
        The network and its record. Where a callback stopped the run, the record says ``"stopped_early":
        true`` and the last row of its epochs covers the samples seen until then; everything else is as ever.

    Raises:
        ValueError: the device is missing, the recipe, the loss or the model does not fit the data, or the checkpoint
            is that of another run.
        FloatingPointError: the loss became infinite or NaN.
        OSError: the checkpoint cannot be written; the one before is whole.
    """
    config = _describe(model, loss_fn, recipe, seed) if config is None else config
    machine = {"device": device, "precision": precision, "processes": processes}
    run = TrainingState(model, loss_fn, data, recipe, seed=seed, config=config, **machine)
    try:
        _go_through(run, on_batch, on_epoch, checkpoint, watch)
        return _finish(run)
    finally:
        run.softness.reset()


def _describe(model: nn.Module, loss_fn: Loss, recipe: Recipe, seed: int) -> dict[str, Any]:
    """What a record says of a run that no `Config` describes."""
    loss = " ".join(str(loss_fn).split()) if isinstance(loss_fn, nn.Module) else getattr(loss_fn, "__name__", "a loss")
    return {"model": type(model).__name__, "loss": loss, **asdict(recipe), "seed": seed}


def _finish(run: TrainingState) -> FitResult:
    """Evaluate the weights that count."""
    chosen, test = run.choose(), run.data.test
    known = {name: value for name, value in chosen.items() if name.startswith("top")}
    final = evaluate(run.model, test, run.precision, run.processes) if run.held_out or not known else known
    record = make_record(run, chosen, final)
    if test.posterior is not None and run.processes.size == 1:
        record["expected"] = expected_accuracy(run.model, test, run.precision, min(5, run.data.num_classes))
    return FitResult(run.model.eval(), record)


def _go_through(
    run: TrainingState,
    on_batch: OnBatch | None,
    on_epoch: OnEpoch | None,
    checkpoint: Checkpoint | str | Path | None,
    watch: bool,
) -> None:
    """Take every step of a training that is left."""
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = NoCheckpoint() if checkpoint is None else Checkpoint(checkpoint)
    checkpoint.begin(run)
    stopped = False
    while run.epoch <= run.epochs and not stopped:
        stopped = _train_for_an_epoch(run, on_batch, checkpoint)
        row = run.describe_epoch()
        run.clock.stop()
        row["train_seconds"] = run.clock.seconds
        if watch or run.epoch == run.epochs:
            row |= evaluate(run.model, run.held_out or run.data.test, run.precision, run.processes)
        run.finish_epoch(row)
        if not stopped:
            checkpoint.save(run)
        stopped = run.processes.any(_stops(on_epoch, row) or stopped)


def _train_for_an_epoch(run: TrainingState, on_batch: OnBatch | None, checkpoint: Checkpoint) -> bool:
    """Take the steps that are left of the epoch; whether a callback wants the run to end."""
    run.model.train()
    run.clock.start()
    for samples, labels in run.batches:
        take_step(run, samples, labels)
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


def take_step(run: TrainingState, samples: Tensor, labels: Tensor) -> None:
    """Train on one batch, images (B, 3, H, W) uint8 or vectors (B, d), and labels (B,), on the device.

    Nothing here waits for a GPU, but for `topk_lib.SinkhornSort`, which iterates until it has converged.
    """
    run.softness.set(run.step)
    with autocast(run.device, run.precision):
        logits = run.parallel(samples[run.share])
    loss = run.loss_fn(logits.float(), labels[run.share])
    run.optimizer.zero_grad()
    run.scaler.scale(loss).backward()
    run.scaler.step(run.optimizer)
    run.scaler.update()
    run.lr = float(run.schedule.get_last_lr()[0])
    run.schedule.step()
    run.step += 1
    run.losses.append(run.processes.mean(loss.detach()))


def _stops(callback: Callable[..., bool | None] | None, *news: object) -> bool:
    """Call the callback if there is one; whether it wants the training to end."""
    try:
        return callback is not None and callback(*news) is False
    except StopTraining:
        return True
