"""Train a linear head on stored embeddings, with any loss: the paper's way to fine-tune on ImageNet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from ... import _validate
from ...metrics import topk_accuracy
from ..data.embeddings import EmbeddingData, EmbeddingSplit
from ..models import LinearHead
from ..record import describe_data, read_record, with_weights
from .checkpoint import Checkpoint
from .evaluate import KS
from .head_state import HeadState
from .loop import OnBatch, OnEpoch, Trained, go_through
from .machine import describe_machine, describe_versions

TEST_BATCH = 1000
OF_HEAD = {"data": {"dimensions": int, "classes": int}}
Loss = Callable[[Tensor, Tensor], Tensor]


def fit_head(
    data: EmbeddingData,
    loss_fn: Loss,
    *,
    epochs: int = 20,
    lr: float = 1e-3,
    batch_size: int = 500,
    seed: int = 0,
    start: LinearHead | None = None,
    device: str = "auto",
    on_batch: OnBatch | None = None,
    on_epoch: OnEpoch | None = None,
    checkpoint: Checkpoint | str | Path | None = None,
    named: Mapping[str, object] | None = None,
) -> Trained:
    """Train a linear head with Adam at a constant learning rate.

    First weights and the order of the embeddings follow from the seed alone, so heads that differ in the loss
    start alike and see the same batches. The global random state is left alone. Embeddings that do not fill a last
    batch sit the epoch out, as in `Batches`. Of embeddings that are mapped from a file, a batch at
    a time is in memory.

    Args:
        data: embeddings; those of half or double precision are computed with in float32.
        loss_fn: takes logits (B, classes) and labels (B,), gives a scalar.
        epochs: passes over the training embeddings, at least 1.
        lr: learning rate.
        batch_size: embeddings per step; where there are fewer, all of them are one batch.
        seed: at least 0.
        start: a head to train on from; it stays as it is. A new one by default.
        device: as `topk_lib.experiments.Config` takes it.
        on_batch, on_epoch, checkpoint: as `topk_lib.experiments.fit` takes them.
        named: more settings for the record's "config", such as those that made the loss; a run goes on from a
            checkpoint of the same ones.

    Returns:
        The head, and a record like that of `fit`: "config", "versions", "machine", "data", "model",
        "epochs" (with the accuracies on the test embeddings), "train_seconds", "stopped_early" and "final".

    Raises:
        TypeError, ValueError: naming the argument, or a loss that does not fit the data.
        FloatingPointError: the loss became infinite or NaN.
        OSError: the checkpoint cannot be written; the one before is whole.
    """
    config = describe_settings(loss_fn, epochs, lr, batch_size, seed, start) | dict(named or {})
    run = HeadState(config, data, loss_fn, start, device)
    go_through(run, _take_step, lambda run: evaluate_head(run.model, data.test), on_batch, on_epoch, checkpoint)
    return Trained(run.model.eval(), _record(run))


def describe_settings(
    loss_fn: Loss, epochs: int, lr: float, batch_size: int, seed: int, start: LinearHead | None = None
) -> dict[str, object]:
    """What the record's "config" says of a run that `fit_head` is asked for.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    epochs = _validate.integer("epochs", epochs, 1)
    lr = _validate.positive_real("lr", lr)
    batch_size = _validate.integer("batch_size", batch_size, 1)
    seed = _validate.integer("seed", seed, 0)
    config = {"optimizer": "adam", "lr": lr, "epochs": epochs, "batch_size": batch_size, "seed": seed}
    return config | {"loss": _words(loss_fn), "first_weights": "drawn" if start is None else "given"}


@torch.no_grad()
def evaluate_head(head: nn.Module, split: EmbeddingSplit) -> dict[str, float]:
    """Top-k accuracies of a head on all embeddings of the split, in batches: {"top1": …, "top5": …} as fractions."""
    device, hits = next(head.parameters()).device, Counter()
    for start in range(0, len(split), TEST_BATCH):
        features, labels = split.rows(slice(start, start + TEST_BATCH))
        logits = _scores(head, features, device).cpu()
        ks = [k for k in KS if k <= logits.shape[1]]
        for k, accuracy in topk_accuracy(logits, labels, ks).items():
            hits[f"top{k}"] += accuracy * len(labels)
    return {name: total / len(split) for name, total in hits.items()}


def load_head(folder: str | Path) -> LinearHead:
    """The head of a saved run, on the CPU and in evaluation mode: embeddings (B, d) -> logits (B, classes)."""
    data = read_record(folder, OF_HEAD)["data"]
    return with_weights(LinearHead(data["dimensions"], data["classes"]), folder)


def _take_step(run: HeadState, features: Tensor, labels: Tensor) -> None:
    loss = run.loss_fn(_scores(run.model, features, run.device), labels.to(run.device))
    run.optimizer.zero_grad()
    loss.backward()
    run.optimizer.step()
    run.step += 1
    run.losses.append(loss.detach())


def _scores(head: nn.Module, features: Tensor, device: torch.device) -> Tensor:
    """The head's logits, in float32; float64, which MPS refuses, is rounded before it gets there."""
    features = features.float() if features.dtype == torch.float64 else features
    return head(features.to(device).float())


def _words(loss_fn: object) -> str:
    """A loss and its settings in one line."""
    return " ".join(str(loss_fn).split()) if isinstance(loss_fn, nn.Module) else getattr(loss_fn, "__name__", "a loss")


def _record(run: HeadState) -> dict[str, object]:
    return {
        "config": run.config,
        "versions": describe_versions(),
        "machine": describe_machine(run.device, run.precision),
        "data": describe_data(run.data),
        "model": {"parameters": sum(p.numel() for p in run.model.parameters())},
        "epochs_are_on": "test embeddings",
        "epochs": run.rows,
        "train_seconds": sum(row["train_seconds"] for row in run.rows),
        "stopped_early": run.step < run.steps,
        "final": {name: value for name, value in run.rows[-1].items() if name.startswith("top")},
    }
