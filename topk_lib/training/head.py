"""Train a linear head on stored embeddings, with any loss: the paper's way to fine-tune on ImageNet."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from .. import _validate
from ..data.embeddings import EmbeddingData, EmbeddingSplit
from ..metrics import topk_accuracy
from ..models import LinearHead
from .evaluate import KS
from .loop import BatchInfo, Trained
from .machine import describe_machine, describe_versions, pick_device
from .record import WEIGHTS, read_record

TEST_BATCH = 1000
OnBatch = Callable[[int, BatchInfo], object]
OnEpoch = Callable[[dict[str, float]], object]


def fit_head(
    data: EmbeddingData,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    *,
    epochs: int = 20,
    lr: float = 1e-3,
    batch_size: int = 500,
    seed: int = 0,
    start: LinearHead | None = None,
    device: str = "auto",
    on_batch: OnBatch | None = None,
    on_epoch: OnEpoch | None = None,
) -> Trained:
    """Train a linear head with Adam at a constant learning rate.

    First weights and the order of the embeddings follow from the seed alone, so heads that differ in the loss
    start alike and see the same batches. The global random state is left alone. Embeddings that do not fill a last
    batch sit the epoch out, as in `topk_lib.training.Batches`. Of embeddings that are mapped from a file, a batch at
    a time is in memory.

    Args:
        data: embeddings; those of half precision are computed with in float32.
        loss_fn: takes logits (B, classes) and labels (B,), gives a scalar.
        epochs: passes over the training embeddings, at least 1.
        lr: learning rate.
        batch_size: embeddings per step; where there are fewer, all of them are one batch.
        seed: at least 0.
        start: a head to train on from; it stays as it is. A new one by default.
        device: as `topk_lib.training.Config` takes it.
        on_batch: called as ``on_batch(step, info)`` after every step, counted from 1.
        on_epoch: called with the epoch's row of the record after every epoch.

    Returns:
        The head, and a record like that of `topk_lib.training.fit`: "config", "versions", "machine", "data", "model",
        "epochs" (with the accuracies on the test embeddings), "train_seconds" and "final".

    Raises:
        TypeError, ValueError: naming the argument, or a loss that does not fit the data.
        FloatingPointError: the loss became infinite or NaN.
    """
    epochs = _validate.integer("epochs", epochs, 1)
    lr = _validate.positive_real("lr", lr)
    batch_size = _validate.integer("batch_size", batch_size, 1)
    seed = _validate.integer("seed", seed, 0)
    place = pick_device(device)
    config = {"optimizer": "adam", "lr": lr, "epochs": epochs, "batch_size": batch_size, "seed": seed}
    config |= {"loss": _words(loss_fn), "first_weights": "drawn" if start is None else "given"}
    if isinstance(loss_fn, nn.Module):
        loss_fn = loss_fn.to(place)
    head = _first_head(data, seed, start).to(place)
    optimizer = torch.optim.Adam(head.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(seed)

    rows, step, steps = [], 0, epochs * max(1, len(data.train) // batch_size)
    for epoch in range(1, epochs + 1):
        started, losses = time.perf_counter(), []
        for chosen in _batches(len(data.train), batch_size, generator):
            features, labels = data.train.rows(chosen)
            loss = loss_fn(head(features.to(place).float()), labels.to(place))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            step += 1
            if on_batch is not None:
                on_batch(step, BatchInfo(epoch, epochs, steps, losses[-1], lr))
        mean = torch.stack(losses).mean().item()
        if not math.isfinite(mean):
            raise FloatingPointError(f"the training diverged: the loss was {mean}; a smaller learning rate may help")
        row = {"epoch": epoch, "train_loss": mean, "train_seconds": time.perf_counter() - started}
        rows.append(row | evaluate_head(head, data.test))
        if on_epoch is not None:
            on_epoch(rows[-1])
    return Trained(head.eval(), _record(data, head, config, place, rows))


@torch.no_grad()
def evaluate_head(head: nn.Module, split: EmbeddingSplit) -> dict[str, float]:
    """Top-k accuracies of a head on all embeddings of the split, in batches: {"top1": …, "top5": …} as fractions."""
    device, hits = next(head.parameters()).device, Counter()
    for start in range(0, len(split), TEST_BATCH):
        features, labels = split.rows(slice(start, start + TEST_BATCH))
        logits = head(features.to(device).float()).cpu()
        ks = [k for k in KS if k <= logits.shape[1]]
        for k, accuracy in topk_accuracy(logits, labels, ks).items():
            hits[f"top{k}"] += accuracy * len(labels)
    return {name: total / len(split) for name, total in hits.items()}


def load_head(folder: str | Path) -> LinearHead:
    """The head of a saved run, on the CPU and in evaluation mode: embeddings (B, d) -> logits (B, classes)."""
    data = read_record(folder)["data"]
    head = LinearHead(data["dimensions"], data["classes"])
    head.load_state_dict(torch.load(Path(folder) / WEIGHTS, weights_only=True))
    return head.eval()


def _first_head(data: EmbeddingData, seed: int, start: LinearHead | None) -> LinearHead:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        head = LinearHead(data.dimensions, data.num_classes)
    if start is not None:
        found, wanted = tuple(start[-1].weight.shape), tuple(head[-1].weight.shape)
        if found != wanted:
            raise ValueError(f"start must have weights of shape {wanted}, got {found}")
        head.load_state_dict(start.state_dict())
    return head


def _batches(count: int, size: int, generator: torch.Generator) -> tuple[Tensor, ...]:
    size = min(size, count)
    return torch.randperm(count, generator=generator).split(size)[: count // size]


def _words(loss_fn: object) -> str:
    """A loss and its settings in one line."""
    return " ".join(str(loss_fn).split()) if isinstance(loss_fn, nn.Module) else getattr(loss_fn, "__name__", "a loss")


def _record(
    data: EmbeddingData, head: nn.Module, config: dict[str, object], device: torch.device, rows: list[dict[str, float]]
) -> dict[str, object]:
    sizes = {"train_embeddings": len(data.train), "test_embeddings": len(data.test)}
    return {
        "config": config,
        "versions": describe_versions(),
        "machine": describe_machine(device, "float32"),
        "data": {"name": data.name, "classes": data.num_classes, "dimensions": data.dimensions} | sizes,
        "model": {"parameters": sum(p.numel() for p in head.parameters())},
        "epochs_are_on": "test embeddings",
        "epochs": rows,
        "train_seconds": sum(row["train_seconds"] for row in rows),
        "final": {name: value for name, value in rows[-1].items() if name.startswith("top")},
    }
