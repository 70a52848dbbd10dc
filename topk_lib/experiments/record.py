"""What is kept of a run: result.json, and the weights beside it.

result.json holds

- "config": every setting, as asked for or as filled in by the recipe and the loss; the seed is among them
- "recipe": what the recipe's name meant
- "commit": of the git checkout that the library lies in, or null
- "versions", "machine": software, processor, threads, device and the precision that was used, and how many processes
  trained together
- "data": name, classes, image_shape, numbers of training and test images; "best_possible" where the data set
  knows the chances of the classes of each image: the top-k accuracies that no classifier exceeds on average
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

checkpoint.pt lies there while a run is going on, and after one that was interrupted, see
`topk_lib.experiments.training.checkpoint`. It is removed when the result is written.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from .data import EmbeddingData, ImageData, best_topk_accuracy
from .data.writing import check_writable, write_whole
from .models import Normalize, make_model
from .reading import DAMAGED, Shape, read_json, read_tensors
from .training.evaluate import KS
from .training.machine import describe_commit, describe_machine, describe_versions
from .training.run_state import RunState

RESULT, WEIGHTS, CHECKPOINT = "result.json", "model.pt", "checkpoint.pt"
OF_RUN = {"config": dict, "data": dict, "final": dict}
OF_NETWORK = {"config": {"model": str}, "data": {"classes": int, "image_shape": [int]}}


def make_record(run: RunState, chosen: dict[str, float], final: dict[str, float]) -> dict[str, object]:
    """The content of result.json, as this module describes it.

    Args:
        run: one that has come to its end.
        chosen: the row of the epoch whose weights count.
        final: their accuracies on the test images.
    """
    held_out = run.held_out is not None
    return {
        "config": run.config.resolved(),
        "recipe": asdict(run.recipe),
        "commit": describe_commit(),
        "versions": describe_versions(),
        "machine": describe_machine(run.device, run.precision, run.processes.size),
        "data": describe_data(run.data),
        "model": {"parameters": sum(p.numel() for p in run.model.parameters())},
        "epochs_are_on": "held-out images" if held_out else "test images",
        "epochs": run.rows,
        "train_seconds": sum(row["train_seconds"] for row in run.rows),
        "stopped_early": run.step < run.steps,
        "chosen_epoch": chosen["epoch"],
        "chosen_by": run.recipe.select,
        "validation": {k: value for k, value in chosen.items() if held_out and k.startswith("top")},
        "final": final,
    }


def describe_data(data: ImageData | EmbeddingData) -> dict[str, object]:
    """Name, sizes, and the best possible accuracy where it is known."""
    known = {"name": data.name, "classes": data.num_classes}
    if isinstance(data, EmbeddingData):
        sizes = {"train_embeddings": len(data.train), "test_embeddings": len(data.test)}
        return known | {"dimensions": data.dimensions} | sizes
    known |= {
        "image_shape": list(data.train.images.shape[1:]),
        "train_images": len(data.train),
        "test_images": len(data.test),
    }
    if data.validation is not None:
        known["validation_images"] = len(data.validation)
    if data.test.posterior is not None:
        best = best_topk_accuracy(data.test.posterior, [k for k in KS if k <= data.num_classes])
        known["best_possible"] = {f"top{k}": accuracy for k, accuracy in best.items()}
    return known


def refuse_existing(folder: str | Path, overwrite: bool = False) -> None:
    """Find out before a training that its result could not be written after it, or would end what is unfinished.

    Raises:
        FileExistsError: the folder holds a result.json or a checkpoint.pt, and overwrite is False.
        NotADirectoryError: there is a file of that name.
        OSError: nothing can be written there.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file, not a folder for results")
    if (folder / RESULT).exists() and not overwrite:
        raise FileExistsError(f"{folder / RESULT} exists; choose another folder, or replace it with --overwrite")
    if (folder / CHECKPOINT).exists() and not overwrite:
        unfinished = f"{folder / CHECKPOINT} is a run that was interrupted"
        raise FileExistsError(f"{unfinished}; go on with --resume, or start anew with --overwrite")
    check_writable(*(folder / name for name in (RESULT, WEIGHTS, CHECKPOINT)))


def fresh_folder(folder: str | Path) -> Path:
    """The first of FOLDER, FOLDER-2, FOLDER-3, ... that does not exist yet."""
    folder = Path(folder)
    names = itertools.chain([folder], (folder.with_name(f"{folder.name}-{i}") for i in itertools.count(2)))
    return next(path for path in names if not path.exists())


def save_run(folder: str | Path, model: nn.Module, record: dict[str, object], overwrite: bool = False) -> Path:
    """Write model.pt and then result.json, each whole or not at all. Folders are made as needed.

    Returns:
        The path of result.json.

    Raises:
        FileExistsError: the folder holds a result.json, and overwrite is False.
        OSError: it cannot be written.
    """
    if (Path(folder) / RESULT).exists() and not overwrite:
        refuse_existing(folder)
    weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    write_whole(Path(folder) / WEIGHTS, lambda file: torch.save(weights, file))
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
    return write_whole(Path(folder) / RESULT, lambda file: file.write(text.encode()))


def read_record(folder: str | Path, shape: Shape = OF_RUN) -> dict[str, object]:
    """The content of result.json in this folder.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or not of this shape.
    """
    return read_json(Path(folder) / RESULT, shape)


def load_model(folder: str | Path) -> nn.Module:
    """The network of a saved run, on the CPU and in evaluation mode: uint8 images (B, 3, H, W) -> logits."""
    record = read_record(folder, OF_NETWORK)
    data = record["data"]
    network = make_model(record["config"]["model"], data["classes"], data["image_shape"])
    model = nn.Sequential(Normalize(), network)
    return with_weights(model, folder)


def with_weights(model: nn.Module, folder: str | Path) -> nn.Module:
    """The network of a saved run with its weights, in evaluation mode.

    Raises:
        OSError: they cannot be read.
        ValueError: they are damaged, or those of another network.
    """
    path = Path(folder) / WEIGHTS
    try:
        model.load_state_dict(read_tensors(path))
    except DAMAGED as error:
        raise ValueError(f"{path} is damaged, or holds the weights of another network") from error
    return model.eval()
