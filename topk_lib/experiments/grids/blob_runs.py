"""One training run on Gaussian blobs: small enough for hundreds of them, with the best possible accuracy known."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ... import _validate
from ...losses import TopKCrossEntropyLoss
from ...losses.topk import TOP1_MODES
from ...metrics import topk_accuracy
from ...networks import KINDS
from ...presets import P_K
from ...sigmoids import SIGMOIDS
from ...sorters import SORTERS, Sorter, make_sorter
from ..data.blobs import BlobMixture, blob_mixture, noisy_labels
from ..training.recipes import Recipe, make_optimizer, make_schedule

CLASSES, BLOBS, DIMS, GROUP_SIZE = 100, 3, 16, 5
TRAIN, VALIDATION, TEST = 10_000, 2_000, 10_000
EPOCHS, BATCH_SIZE = 10, 500
KS = (1, 2, 3, 4, 5)
HIDDEN = {"linear": (), "small MLP": (32,), "larger MLP": (128, 128)}
LOSSES = {
    "cross-entropy": (1.0,),
    **{
        name: tuple(map(float, P_K[name]))
        for name in ("even", "half and half", "mostly top-5", "nearly top-5", "top-5 alone")
    },
}
"""The six P_K of the paper by name; [1, 0, 0, 0, 0] is cross-entropy itself."""


@dataclass(frozen=True)
class Loss:
    """A loss of the sweep.

    Attributes:
        p_k: a name of `LOSSES`. With "cross-entropy" everything below but m is without effect.
        m: only the label and the m - 1 largest other scores count; None for all classes.
        sorter: a name of `topk_lib.SORTERS`.
        steepness: of a network's comparators; the temperature of the other sorters is 1 / steepness.
        distribution: of a network's comparators.
        top1_mode: where the k = 1 part comes from.
    """

    p_k: str = "cross-entropy"
    m: int | None = None
    sorter: str = "splitter_selection"
    steepness: float = 1.0
    distribution: str = "cauchy"
    top1_mode: str = "sm"

    def __post_init__(self) -> None:
        for name, allowed in (
            ("p_k", LOSSES),
            ("sorter", SORTERS),
            ("distribution", SIGMOIDS),
            ("top1_mode", TOP1_MODES),
        ):
            _validate.choice(name, getattr(self, name), allowed)
        _validate.positive_real("steepness", self.steepness)

    def make(self) -> TopKCrossEntropyLoss:
        """The loss, called with logits (B, classes) and labels (B,)."""
        return TopKCrossEntropyLoss(LOSSES[self.p_k], self._make_sorter(), m=self.m, top1_mode=self.top1_mode)

    def _make_sorter(self) -> Sorter:
        if self.sorter in KINDS:
            return make_sorter(self.sorter, steepness=self.steepness, distribution=self.distribution)
        return make_sorter(self.sorter, temperature=1 / self.steepness)


@dataclass(frozen=True)
class Condition:
    """What a run is trained on, and with how large a network.

    Attributes:
        capacity: "linear", "small MLP" (32 hidden units) or "larger MLP" (two layers of 128).
        spread: of the blobs; the larger, the more ambiguous.
        noise: "uniform" or "group", see `topk_lib.experiments.data.blobs.noisy_labels`.
        rate: fraction of the training and validation labels that are replaced. Test labels are never touched.
    """

    capacity: str = "linear"
    spread: float = 0.7
    noise: str = "uniform"
    rate: float = 0.0

    def __post_init__(self) -> None:
        _validate.choice("capacity", self.capacity, HIDDEN)


class Points(NamedTuple):
    """Points (N, dims), their labels (N,) as training sees them, and the true posterior (N, classes)."""

    features: Tensor
    labels: Tensor
    posterior: Tensor


class BlobRun(NamedTuple):
    """A trained network; its expected top-1 … top-5 on clean test labels; its top-5 on the validation labels."""

    model: nn.Module
    test: tuple[float, ...]
    validation: float
    seconds: float


def train_on_blobs(
    condition: Condition,
    loss: Loss | str = "cross-entropy",
    lr: float = 0.05,
    seed: int = 0,
    epochs: int = EPOCHS,
    train_size: int = TRAIN,
) -> BlobRun:
    """Train one network with Adam and a one-cycle learning rate.

    Blobs, points, label noise, first weights and the order of the batches follow from ``seed`` and the condition alone:
    runs that differ in the loss or the learning rate are paired.

    Args:
        condition: data and capacity.
        loss: a `Loss`, or a name of `LOSSES` for a loss that has only that.
        lr: the largest learning rate.
        seed: a whole number >= 0.
        epochs, train_size: how long, and on how many points.

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
        FloatingPointError: the loss became infinite or NaN.
    """
    loss_fn = (Loss(loss) if isinstance(loss, str) else loss).make()
    train, validation, test = blob_points(condition, seed, train_size)
    model = build_network(condition.capacity, seed)
    recipe = Recipe("adam", "one_cycle", lr, epochs, BATCH_SIZE, 0.0, 0.0, 0, False, held_out=0.0)
    started = time.perf_counter()
    _fit(model, loss_fn, train, recipe, torch.Generator().manual_seed(seed))
    seconds = time.perf_counter() - started
    with torch.inference_mode():
        accuracies = expected_topk_accuracy(model(test.features), test.posterior, KS)
        held_out = topk_accuracy(model(validation.features), validation.labels, ks=(5,))[5]
    return BlobRun(model.eval(), accuracies, held_out, seconds)


def _fit(model: nn.Module, loss_fn: nn.Module, train: Points, recipe: Recipe, order: torch.Generator) -> None:
    optimizer = make_optimizer(recipe, model)
    steps_per_epoch = math.ceil(len(train.labels) / recipe.batch_size)
    schedule = make_schedule(recipe, optimizer, recipe.epochs * steps_per_epoch)
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(train.labels), generator=order).split(recipe.batch_size):
            loss = loss_fn(model(train.features[rows]), train.labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    if not math.isfinite(loss.item()):
        raise FloatingPointError(f"the training diverged: the last loss was {loss.item()}")


def blob_points(condition: Condition, seed: int, train_size: int = TRAIN) -> tuple[Points, Points, Points]:
    """Training, validation and test points of a condition; noise in the labels of the first two."""
    mixture = _mixture(seed, condition.spread)
    splits = []
    for stream, size in enumerate((train_size, VALIDATION, TEST)):
        features, labels, posterior = _drawn(seed, condition.spread, size, stream)
        if stream < 2 and condition.rate:
            # another stream of noise for each split
            labels = noisy_labels(labels, condition.rate, mixture.groups, condition.noise, 2 * seed + stream)
        splits.append(Points(features, labels, posterior))
    return tuple(splits)


def build_network(capacity: str, seed: int) -> nn.Sequential:
    """The untrained network: (B, 16) -> (B, 100). The global random state is left alone."""
    widths = (DIMS, *HIDDEN[capacity], CLASSES)
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def expected_topk_accuracy(logits: Tensor, posterior: Tensor, ks: Sequence[int] = KS) -> tuple[float, ...]:
    """Top-k accuracies to be expected over all labels that the points can have, by their true chances.

    A guess of k classes is right with the sum of their chances. That is what `topk_accuracy` measures on drawn labels,
    without the chance of the draw.

    Args:
        logits, posterior: (N, classes).
        ks: which k.

    Returns:
        One fraction per k.
    """
    guesses = logits.topk(max(ks), dim=1).indices
    hits = posterior.gather(1, guesses).cumsum(dim=1).mean(dim=0)
    return tuple(hits[k - 1].item() for k in ks)


@lru_cache(maxsize=8)
def _mixture(seed: int, spread: float) -> BlobMixture:
    return blob_mixture(seed, CLASSES, BLOBS, DIMS, spread, GROUP_SIZE)


@lru_cache(maxsize=24)
def _drawn(seed: int, spread: float, size: int, stream: int) -> tuple[Tensor, Tensor, Tensor]:
    mixture = _mixture(seed, spread)
    features, labels = mixture.draw(size, stream)
    return features, labels, mixture.posterior(features)
