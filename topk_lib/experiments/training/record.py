"""The record of a run, as result.json holds it.

- "config": every setting, as asked for or as filled in by the recipe and the loss; the seed is among them
- "recipe": what the recipe's name meant
- "commit": of the git checkout that the library lies in, or null
- "versions", "machine": software, processor, threads, device and the precision that was used, and how many processes
  trained together
- "data": name, classes, image_shape, numbers of training and test images; "best_possible" where the data set
  knows the probabilities of the classes of each image: the top-k accuracies that no classifier exceeds on average
- "model": number of parameters
- "epochs": one row per epoch: epoch, images, train_loss (mean over the batches as they were trained on), lr,
  train_seconds, and top-k accuracies on the images named by "epochs_are_on": "test images" or "held-out
  images"
- "train_seconds": the sum over the epochs: augmentation, forward, backward, optimizer and batch callbacks;
  neither loading nor evaluation nor writing
- "stopped_early": whether a callback ended the run
- "chosen_epoch", "chosen_by": which weights count, and by which accuracy on the held-out images they were chosen, or
  "last" for those after the last step
- "validation": top-k accuracies of these weights on the held-out images, where there are any
- "final": {"top1", "top2", "top3", "top5"} as fractions of all test images, all by these weights
- "expected": where the test samples' posterior is known: top-k accuracies that are expected over all labels that they
  can have, without the chance of the labels that were drawn
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..data import Data, ImageData, best_topk_accuracy
from .evaluate import KS
from .machine import describe_commit, describe_machine, describe_versions

if TYPE_CHECKING:
    from .state import Row, TrainingState


Record = dict[str, Any]
"""The content of result.json, as this module describes it."""


def make_record(run: TrainingState, chosen: Row, final: dict[str, float]) -> Record:
    """The record of a run.

    Args:
        run: one that has come to its end.
        chosen: the row of the epoch whose weights count.
        final: their accuracies on the test samples.
    """
    held_out = run.held_out is not None
    return {
        "config": dict(run.config),
        "recipe": asdict(run.recipe),
        "commit": describe_commit(),
        "versions": describe_versions(),
        "machine": describe_machine(run.device, run.precision, run.processes.size),
        "data": describe_data(run.data),
        "model": {"parameters": sum(p.numel() for p in run.model.parameters())},
        "epochs_are_on": f"{'held-out' if held_out else 'test'} {run.data.kind}",
        "epochs": run.rows,
        "train_seconds": sum(row["train_seconds"] for row in run.rows),
        "stopped_early": run.step < run.steps,
        "chosen_epoch": int(chosen["epoch"]),
        "chosen_by": run.recipe.select,
        "validation": {k: value for k, value in chosen.items() if held_out and k.startswith("top")},
        "final": final,
    }


def describe_data(data: Data) -> dict[str, Any]:
    """Name, sizes, and the best possible accuracy where it is known."""
    is_images = isinstance(data, ImageData)
    shape = {"image_shape": list(data.input_shape)} if is_images else {"dimensions": data.dimensions}
    parts = {"train": data.train, "test": data.test, "validation": data.validation}
    sizes = {f"{name}_{data.kind}": len(part) for name, part in parts.items() if part is not None}
    known = {"name": data.name, "classes": data.num_classes, **shape, **sizes}
    if data.test.posterior is not None:
        ks = KS if is_images else range(1, 6)  # those of "final", or those of "expected"
        best = best_topk_accuracy(data.test.posterior, [k for k in ks if k <= data.num_classes])
        known["best_possible"] = {f"top{k}": accuracy for k, accuracy in best.items()}
    return known
