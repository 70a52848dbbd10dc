"""synthetic100: one hundred classes of small drawn images whose class posterior is known exactly.

Twenty motifs form ten look-alike pairs (disc and ring, cross and flower, ...). A motif is a group of five
classes that differ in hue alone. The story by which a label and its image come about:

1. a class is drawn evenly from the hundred: a motif and one of its five hues, 24 degrees apart;
2. hue z ~ Normal(hue of the class, 14.4 degrees), so neighbouring hues overlap;
3. morph t in [0, 1], how far the drawing has gone from the first to the second motif of the pair: density 3
   (1 - t)^2 for the first, 3 t^2 for the second, so look-alikes overlap too;
4. place, size, tilt, lightness, chroma, shading, background and pixel noise, drawn independently of the
   class.

Bayes' rule then gives P(class | pair, t, z) in closed form: P(motif | t) times P(hue of the class | z). In
this sense the posterior is exact: given what an image was drawn from, its label is distributed by it, and
no classifier beats its k largest entries on average. Pair, t and z are all in plain sight (a simple
read-out of the pixels gets z to about one degree), so a perfect observer of the image says nearly the same;
pixel noise and rounding blur t and z slightly, and can only make the observer's task harder.

Hues are laid out in OKLCH (Ottosson, "A perceptual color space for image processing", 2020), where equal
steps look about equal. Everything is drawn by numpy from the seed; no file is read. Bytes repeat exactly
for a given machine and numpy; another processor may round some pixels by one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..._validate import integer
from .base import ImageData, Split
from .drawing import NOISE, PAIRS, SIDE, Scene, random_scene, render
from .registry import DATASETS

CLASSES, HUES_PER_MOTIF = 100, 5
HUE_STEP, HUE_SPREAD = 24.0, 14.4
HUE_NAMES = (
    *("rose", "coral", "orange", "amber", "gold", "lime", "green", "jade"),
    *("teal", "cyan", "azure", "blue", "violet", "purple", "magenta"),
)
# Where on the hue circle each pair's five hues begin, in steps of 24 degrees.
FIRST_HUE = np.array([0, 9, 13, 6, 2, 3, 8, 11, 12, 5])
BLOCK = 1000  # images that share one random stream

motif_names: tuple[str, ...] = tuple(name for first, second, _ in PAIRS for name in (first, second))
class_names: tuple[str, ...] = tuple(
    f"{HUE_NAMES[(FIRST_HUE[group // 2] + i) % len(HUE_NAMES)]} {motif}"
    for group, motif in enumerate(motif_names)
    for i in range(HUES_PER_MOTIF)
)


class Latents(NamedTuple):
    """What N images were drawn from, each (N,)."""

    label: np.ndarray  # int64, 0..99
    pair: np.ndarray  # int64, 0..9
    morph: np.ndarray  # 0..1
    hue: np.ndarray  # in steps of 24 degrees from the pair's first hue: class i of a motif has its mean at i


def synthetic100(seed: int = 0, train_size: int = 50_000, test_size: int = 10_000) -> ImageData:
    """Draw the data set.

    A smaller size gives the first images of a larger one. Training and test images come from separate random
    streams.

    Args:
        seed: a whole number >= 0; another seed gives other images of the same hundred classes.
        train_size, test_size: how many images, each >= 1.

    Returns:
        ImageData of 32x32 images with a posterior per image, and the twenty motifs as groups.

    Raises:
        TypeError, ValueError: a seed or size that is not an int, or too small.
    """
    seed = integer("seed", seed, 0)
    sizes = integer("train_size", train_size, 1), integer("test_size", test_size, 1)
    train, test = (_draw_split(seed, stream, size) for stream, size in enumerate(sizes))
    groups = torch.arange(CLASSES) // HUES_PER_MOTIF
    return ImageData("synthetic100", train, test, class_names, motif_names, groups)


@DATASETS.register("synthetic100")
def _load(seed: int, train_size: int | None, test_size: int | None) -> ImageData:
    sizes = {"train_size": train_size, "test_size": test_size}
    return synthetic100(seed, **{name: size for name, size in sizes.items() if size is not None})


def best_topk_accuracy(posterior: Tensor, ks: Sequence[int] = (1, 2, 3, 5)) -> dict[int, float]:
    """The top-k accuracy no classifier exceeds on average: the mean sum of the k largest posterior entries.

    Measured on N sampled labels, an accuracy a scatters around its mean by about sqrt(a (1 - a) / N).

    Args:
        posterior: (N, classes), rows that sum to one.
        ks: which k, each from 1 to classes.

    Returns:
        {k: fraction between 0 and 1}.

    Raises:
        ValueError: posterior is not a matrix whose rows sum to one, or a k is out of range.
    """
    if posterior.ndim != 2 or len(posterior) == 0:
        raise ValueError(f"posterior must have shape (N, classes) with N >= 1, got {tuple(posterior.shape)}")
    total = posterior.double().sum(1)
    if not ((total - 1).abs() < 1e-3).all():
        raise ValueError(f"posterior must have rows that sum to 1, got sums {total.min():g} to {total.max():g}")
    ks = [integer("ks", k, 1, posterior.shape[1]) for k in ks]
    sums = posterior.double().topk(max(ks, default=1), dim=1).values.cumsum(1).mean(0)
    return {k: min(sums[k - 1].item(), 1.0) for k in ks}


def class_posterior(latents: Latents) -> np.ndarray:
    """P(class | pair, morph, hue) by Bayes' rule: (N, 100) float32, rows that sum to one."""
    steps = latents.hue[:, None] - np.arange(HUES_PER_MOTIF)
    by_hue = np.exp(-0.5 * (steps**2 - (steps**2).min(1, keepdims=True)) / (HUE_SPREAD / HUE_STEP) ** 2)
    by_hue /= by_hue.sum(1, keepdims=True)
    density = np.stack([(1 - latents.morph) ** 2, latents.morph**2], axis=1)
    by_motif = density / density.sum(1, keepdims=True)
    posterior = np.zeros((len(latents.label), CLASSES), np.float32)
    columns = latents.pair[:, None] * 2 * HUES_PER_MOTIF + np.arange(2 * HUES_PER_MOTIF)
    joint = by_motif[:, :, None] * by_hue[:, None, :]
    np.put_along_axis(posterior, columns, joint.reshape(len(columns), -1).astype(np.float32), axis=1)
    return posterior


def draw_latents(rng: np.random.Generator, count: int) -> Latents:
    """Draw ``count`` labels and the pair, morph and hue that follow from each."""
    label = rng.integers(0, CLASSES, count)
    motif, rank = label // HUES_PER_MOTIF, label % HUES_PER_MOTIF
    away = 1 - rng.random(count) ** (1 / 3)
    hue = rank + HUE_SPREAD / HUE_STEP * rng.standard_normal(count)
    return Latents(label, motif // 2, np.where(motif % 2, 1 - away, away), hue)


def _draw_split(seed: int, stream: int, size: int) -> Split:
    images = np.empty((size, 3, SIDE, SIDE), np.uint8)
    labels = np.empty(size, np.int64)
    posterior = np.empty((size, CLASSES), np.float32)
    for start in range(0, size, BLOCK):
        rows = slice(start, min(start + BLOCK, size))
        latents, images[rows] = _draw_block(seed, stream, start // BLOCK, rows.stop - start)
        labels[rows], posterior[rows] = latents.label, class_posterior(latents)
    return Split(torch.from_numpy(images), torch.from_numpy(labels), torch.from_numpy(posterior))


def _draw_block(seed: int, stream: int, block: int, count: int) -> tuple[Latents, np.ndarray]:
    """The first ``count`` images of a block. Latents are drawn for all: no image depends on count."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, block)))
    latents = Latents(*(column[:count] for column in draw_latents(rng, BLOCK)))
    scene = Scene(*(column[:count] for column in random_scene(rng, BLOCK)))
    noise = rng.standard_normal((count, 3, SIDE, SIDE), np.float32)
    noise *= NOISE
    images = np.empty(noise.shape, np.uint8)
    for pair, (_, _, field) in enumerate(PAIRS):
        rows = np.flatnonzero(latents.pair == pair)
        degrees = HUE_STEP * (FIRST_HUE[pair] + latents.hue[rows])
        some = Scene(*(column[rows] for column in scene))
        images[rows] = render(field, latents.morph[rows], degrees, some, noise[rows])
    return latents, images
