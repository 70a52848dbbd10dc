"""How good a trained network is: on clean samples, all of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from ...metrics import topk_accuracy
from ..data import EmbeddingSplit, Split
from .batches import as_input
from .distributed import ALONE, Processes

KS = (1, 2, 3, 5)
BATCH_SIZE = 1000


def autocast(device: torch.device | str, precision: str) -> AbstractContextManager[object]:
    """The context in which a network computes in ``precision``: "float32", "bfloat16" or "float16"."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(torch.device(device).type, getattr(torch, precision))


@torch.inference_mode()
def predict_logits(model: nn.Module, samples: Tensor, precision: str = "float32") -> Tensor:
    """The network's logits for samples as they are, without augmentation.

    Args:
        model: put into evaluation mode, and left there.
        samples: uint8 images (N, 3, H, W) or embeddings (N, d), on any device; batches are moved to the model's.
        precision: as for `autocast`.

    Returns:
        (N, classes) float32 on the CPU.
    """
    device = next(model.parameters()).device
    model.eval()
    with autocast(device, precision):
        return torch.cat([model(as_input(batch, device)).float().cpu() for batch in samples.split(BATCH_SIZE)])


def evaluate(
    model: nn.Module, split: Split | EmbeddingSplit, precision: str = "float32", processes: Processes = ALONE
) -> dict[str, float]:
    """Top-k accuracies over every sample of the split, all from the same weights.

    A batch at a time is in memory. Several processes have a share of the samples each, and all of them get the same
    result.

    Returns:
        {"top1": …, "top2": …, "top3": …, "top5": …} as fractions, without the k that exceed the number of
        classes.
    """
    processes.copy_buffers(model)
    own, hits, classes = processes.share(len(split)), torch.zeros(len(KS), dtype=torch.long), 0
    for start in range(own.start, own.stop, BATCH_SIZE):
        samples, labels = split.rows(slice(start, min(start + BATCH_SIZE, own.stop)))
        logits = predict_logits(model, samples, precision)
        classes = logits.shape[1]
        found = topk_accuracy(logits, labels, [k for k in KS if k <= classes])
        hits += torch.tensor([round(found.get(k, 0.0) * len(labels)) for k in KS])
    classes = processes.largest(classes)
    counts = zip(KS, processes.total(hits).tolist(), strict=True)
    return {f"top{k}": count / len(split) for k, count in counts if k <= classes}


def expected_accuracy(
    model: nn.Module, split: Split | EmbeddingSplit, precision: str = "float32", most: int = 5
) -> dict[str, float]:
    """Top-k accuracies to be expected over all labels that the samples can have, by their true probabilities.

    A guess of k classes is right with the sum of their probabilities. That is what `evaluate` measures on drawn labels,
    without the chance of the draw.

    Args:
        model, split, precision: as for `evaluate`; the split knows its posterior.
        most: the largest k.

    Returns:
        {"top1": …, "top2": …, …} as fractions.

    Raises:
        ValueError: the split does not know it.
    """
    if split.posterior is None:
        raise ValueError(f"split must know its posterior, got {split!r}")
    total = torch.zeros(most, dtype=torch.float64)
    for start in range(0, len(split), BATCH_SIZE):
        rows = slice(start, start + BATCH_SIZE)
        guesses = predict_logits(model, split.rows(rows)[0], precision).topk(most, dim=1).indices
        total += split.posterior[rows].double().gather(1, guesses).cumsum(dim=1).sum(dim=0)
    return {f"top{k}": value / len(split) for k, value in enumerate(total.tolist(), 1)}
