"""What is kept of a run: result.json, and the weights beside it.

result.json holds

- "config": every setting, as asked for or as filled in by the recipe and the loss; the seed is among them
- "recipe": what the recipe's name meant
- "versions", "machine": software, processor, threads, device and the precision that was used
- "data": name, classes, image_shape, numbers of training and test images; "best_possible" where the data set
  knows the chances of the classes of each image: the top-k accuracies that no classifier exceeds on average
- "model": number of parameters
- "epochs": one row per epoch: epoch, images, train_loss (mean over the batches as they were trained on), lr,
  train_seconds, and top-k accuracies on the images named by "epochs_are_on": "test images" or "held-out
  images"
- "train_seconds": the sum over the epochs: augmentation, forward, backward, optimizer and batch callbacks;
  neither loading nor evaluation nor writing
- "stopped_early": whether a callback ended the run
- "final": {"top1", "top2", "top3", "top5"} as fractions of all test images, by the weights after the last
  step
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO

import torch
from torch import nn

from ..data import ImageData, best_topk_accuracy
from ..models import Normalize, make_model
from .config import Config
from .evaluate import KS
from .machine import describe_machine, describe_versions

RESULT, WEIGHTS = "result.json", "model.pt"


def make_record(
    config: Config,
    data: ImageData,
    model: nn.Module,
    used: tuple[torch.device, str],
    epochs: list[dict[str, float]],
    final: dict[str, float],
    stopped_early: bool,
) -> dict[str, object]:
    """The content of result.json, as this module describes it; ``used`` is the device and the precision."""
    recipe = config.make_recipe()
    return {
        "config": config.resolved(),
        "recipe": asdict(recipe),
        "versions": describe_versions(),
        "machine": describe_machine(*used),
        "data": describe_data(data),
        "model": {"parameters": sum(p.numel() for p in model.parameters())},
        "epochs_are_on": "held-out images" if recipe.held_out else "test images",
        "epochs": epochs,
        "train_seconds": sum(row["train_seconds"] for row in epochs),
        "stopped_early": stopped_early,
        "final": final,
    }


def describe_data(data: ImageData) -> dict[str, object]:
    """Name, sizes, and the best possible accuracy where it is known."""
    known = {
        "name": data.name,
        "classes": data.num_classes,
        "image_shape": list(data.train.images.shape[1:]),
        "train_images": len(data.train),
        "test_images": len(data.test),
    }
    if data.test.posterior is not None:
        best = best_topk_accuracy(data.test.posterior, [k for k in KS if k <= data.num_classes])
        known["best_possible"] = {f"top{k}": accuracy for k, accuracy in best.items()}
    return known


def refuse_existing(folder: str | Path, overwrite: bool = False) -> None:
    """Find out before a training that its result would be refused after it.

    Raises:
        FileExistsError: the folder holds a result.json, and overwrite is False.
        NotADirectoryError: there is a file of that name.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file, not a folder for results")
    if (folder / RESULT).exists() and not overwrite:
        raise FileExistsError(f"{folder / RESULT} exists; choose another folder, or replace it with --overwrite")


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
    refuse_existing(folder, overwrite)
    weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    write_whole(Path(folder) / WEIGHTS, lambda file: torch.save(weights, file))
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
    return write_whole(Path(folder) / RESULT, lambda file: file.write(text.encode()))


def read_record(folder: str | Path) -> dict[str, object]:
    """The content of result.json in this folder."""
    return json.loads((Path(folder) / RESULT).read_text(encoding="utf-8"))


def load_model(folder: str | Path) -> nn.Module:
    """The network of a saved run, on the CPU and in evaluation mode: uint8 images (B, 3, H, W) -> logits."""
    record = read_record(folder)
    data = record["data"]
    network = make_model(record["config"]["model"], data["classes"], data["image_shape"])
    model = nn.Sequential(Normalize(), network)
    model.load_state_dict(torch.load(Path(folder) / WEIGHTS, weights_only=True))
    return model.eval()


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> Path:
    """Call ``write`` with a file beside ``path``, then put that in its place: no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
