"""What is kept of a run: result.json, and the weights beside it.

`experiments.training.record` says what result.json holds. checkpoint.pt lies there while a run is going on, and after
one that was interrupted, see `experiments.training.checkpoint`. It is removed when the result is written.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import torch
from torch import nn

from .data.writing import check_writable, write_whole
from .models import Normalize, make_model
from .reading import DAMAGED, Shape, read_json, read_tensors, require
from .training.record import Record

RESULT, WEIGHTS, CHECKPOINT = "result.json", "model.pt", "checkpoint.pt"
OF_RUN = {"config": dict, "data": dict, "final": dict}
OF_NETWORK = {"config": {"model": str}, "data": {"classes": int}}


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


def save_run(folder: str | Path, model: nn.Module, record: Record, overwrite: bool = False) -> Path:
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


def read_record(folder: str | Path, shape: Shape = OF_RUN) -> Record:
    """The content of result.json in this folder, or of the record of a run that `compare` did, by its own name.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or not of this shape.
    """
    return read_json(_result(folder), shape)


def load_model(folder: str | Path) -> nn.Module:
    """The network of a saved run, on the CPU and in evaluation mode: uint8 images (B, 3, H, W) or vectors -> logits."""
    record = read_record(folder, OF_NETWORK)
    data = record["data"]
    shape = data["image_shape"] if "image_shape" in data else [data["dimensions"]]
    require(shape, [int], "data.image_shape")
    network = make_model(record["config"]["model"], data["classes"], shape)
    return with_weights(nn.Sequential(Normalize(), network) if len(shape) == 3 else network, folder)


def with_weights(model: nn.Module, folder: str | Path) -> nn.Module:
    """The network of a saved run with its weights, in evaluation mode.

    Raises:
        OSError: they cannot be read.
        ValueError: they are damaged, or those of another network.
    """
    path = Path(folder) / WEIGHTS if Path(folder).is_dir() else _result(folder).with_suffix(".pt")
    try:
        model.load_state_dict(read_tensors(path))
    except DAMAGED as error:
        raise ValueError(f"{path} is damaged, or holds the weights of another network") from error
    return model.eval()


def _result(run: str | Path) -> Path:
    """The record of a run that is named by its folder, or by the record itself."""
    return Path(run) if Path(run).suffix == ".json" else Path(run) / RESULT
