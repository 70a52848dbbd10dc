"""How good a trained network is: on clean images, all of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from ...metrics import topk_accuracy
from ..data import Split
from .distributed import ALONE, Processes

KS = (1, 2, 3, 5)
BATCH_SIZE = 1000


def autocast(device: torch.device | str, precision: str) -> AbstractContextManager[None]:
    """The context in which a network computes in ``precision``: "float32", "bfloat16" or "float16"."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(torch.device(device).type, getattr(torch, precision))


@torch.inference_mode()
def predict_logits(model: nn.Module, images: Tensor, precision: str = "float32") -> Tensor:
    """The network's logits for images as they are, without augmentation.

    Args:
        model: put into evaluation mode, and left there.
        images: (N, 3, H, W) uint8 on any device; batches are moved to the model's.
        precision: as for `autocast`.

    Returns:
        (N, classes) float32 on the CPU.
    """
    device = next(model.parameters()).device
    model.eval()
    with autocast(device, precision):
        return torch.cat([model(batch.to(device)).float().cpu() for batch in images.split(BATCH_SIZE)])


def evaluate(
    model: nn.Module, split: Split, precision: str = "float32", processes: Processes = ALONE
) -> dict[str, float]:
    """Top-k accuracies over every image of the split, all from the same weights.

    Several processes have a share of the images each, and all of them get the same result.

    Returns:
        {"top1": …, "top2": …, "top3": …, "top5": …} as fractions, without the k that exceed the number of
        classes.
    """
    processes.copy_buffers(model)
    own = split.images[processes.share(len(split))]
    logits = processes.gather(predict_logits(model, own, precision), len(split))
    ks = [k for k in KS if k <= logits.shape[1]]
    return {f"top{k}": accuracy for k, accuracy in topk_accuracy(logits, split.labels, ks).items()}
