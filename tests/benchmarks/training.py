"""What the loss costs where it is used: steps of the training loop on images of CIFAR's shape."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor

from topk_lib.experiments import Config
from topk_lib.experiments.data import ImageData, Split
from topk_lib.experiments.running import arguments
from topk_lib.experiments.training.loop import take_step
from topk_lib.experiments.training.state import TrainingState

from .contestants import FLOOR
from .steps import Contestant
from .timing import Clock, Turns, interleaved, median, ratio
from .variants import VARIANTS, Variant

CLASSES, IMAGES, EPOCHS = (10, 100), 4096, 1000
CPU = {"device": "cpu"}


def training(
    rounds: int,
    budget: float,
    images: int = IMAGES,
    settings: Mapping[str, object] = CPU,
    classes: Sequence[int] = CLASSES,
    clock: Clock = time.perf_counter,
) -> list[dict[str, object]]:
    """A row for as many classes as CIFAR-10 and CIFAR-100 have: both losses take turns, step by step.

    Args:
        rounds: steps with each loss, at most.
        budget: seconds for one number of classes.
        images: in the training set; their pixels are random, which takes as long as any other.
        settings: of `topk_lib.experiments.Config`: device, model, recipe and what else is not the loss.
        classes: how many, a row each.
        clock: tells the seconds, when the device is done.

    Returns:
        Rows of classes, batch, model, recipe, precision; by loss "images_per_second", "loss_seconds" (forward and
        backward of the loss alone, on logits) and "loss_share" of a step; "ratio": by variant of this library, how
        many times as long as with cross-entropy a step takes.
    """
    return [_row(number, rounds, budget, images, settings, clock) for number in classes]


def _row(
    classes: int, rounds: int, budget: float, images: int, settings: Mapping[str, object], clock: Clock
) -> dict[str, object]:
    data = random_images(classes, images)
    names = {FLOOR: ("ce", nullcontext)} | {name: ("topk", inside) for name, inside in VARIANTS.items()}
    runs = {
        name: TrainingState(**arguments(Config(loss=loss, epochs=EPOCHS, **settings), data))
        for name, (loss, _) in names.items()
    }
    steps = {name: _step(run, names[name][1]) for name, run in runs.items()}
    steps |= {_alone(name): _loss_step(run, classes, names[name][1]) for name, run in runs.items()}
    turns = interleaved(steps, rounds, budget, clock)
    run = runs[FLOOR]
    described = {"model": run.config["model"], "recipe": run.config["recipe"], "precision": run.precision}
    return {"classes": classes, "batch": run.batches.size} | described | _times(turns, run.batches.size)


def random_images(classes: int, images: int) -> ImageData:
    """Noise of CIFAR's shape with random labels."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (images, 3, 32, 32), dtype=torch.uint8, generator=generator)
    split = Split(pixels, torch.randint(classes, (images,), generator=generator))
    return ImageData("noise", split, split.subset(classes), tuple(f"class {i}" for i in range(classes)))


def _step(run: TrainingState, inside: Variant) -> Callable[[], None]:
    """A step of the training loop, its augmented batch included."""
    run.model.train()
    batches = _forever(run)

    def step() -> None:
        with inside():
            take_step(run, *next(batches))
        run.losses.clear()

    return step


def _loss_step(run: TrainingState, classes: int, inside: Variant) -> Callable[[], None]:
    logits = torch.randn(run.batches.size, classes, generator=torch.Generator().manual_seed(0))
    logits, labels = logits.to(run.device).requires_grad_(), torch.arange(run.batches.size).to(run.device) % classes
    return Contestant(run.loss_fn, inside).step(logits, labels)


def _forever(run: TrainingState) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield from run.batches


def _times(turns: Turns, batch: int) -> dict[str, object]:
    names = (FLOOR, *VARIANTS)
    return {
        "images_per_second": {name: batch / median(turns, name) for name in names},
        "loss_seconds": {name: median(turns, _alone(name)) for name in names},
        "loss_share": {name: ratio(turns, _alone(name), name) for name in names},
        "ratio": {name: ratio(turns, name, FLOOR) for name in VARIANTS},
        "rounds": {name: len(turns[name]) for name in names},
    }


def _alone(name: str) -> str:
    return f"{name}, the loss alone"
