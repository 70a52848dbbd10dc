"""Run the body of a network over images once, and keep what it says about them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from .. import _validate
from .data import ImageData, Split
from .data.array_files import Rows, check_ending, write_arrays
from .data.embeddings import LAYOUTS
from .data.writing import check_writable
from .reading import DAMAGED, read_tensors
from .record import load_model, read_record
from .training.machine import pick_device

DTYPES = ("float32", "float16", "bfloat16")
OnBatch = Callable[[int, int], object]


def embed(
    module: nn.Module,
    data: ImageData | tuple[DataLoader, DataLoader],
    path: str | Path,
    *,
    dtype: str = "float32",
    batch_size: int = 256,
    device: str = "auto",
    overwrite: bool = False,
    on_batch: OnBatch | None = None,
) -> Path:
    """Write what a module makes of all training and test images, in the layout that `load_embeddings` reads.

    Features go to the file batch by batch, so there may be more of them than fit into memory. The file appears
    under its name when it is whole; an interruption leaves none.

    Args:
        module: maps inputs (B, ...) to features (B, ...), which are flattened to (B, d). It is moved to the device
            and put into evaluation mode, and left so.
        data: images, given to the module as they are stored, uint8 (B, 3, H, W); or two loaders, for training and
            for test, that yield inputs (B, ...) and labels (B,) and leave out none of their data sets.
        path: ends in .npz or .safetensors; the second maps bfloat16, too.
        dtype: "float32", "float16" or "bfloat16", what features are stored as. They are computed as the module does.
        batch_size: images per step; loaders bring their own.
        device: as `topk_lib.experiments.Config` takes it.
        overwrite: whether a file of that name may be replaced.
        on_batch: called with the numbers of images done and of all images after every batch.

    Returns:
        The path.

    Raises:
        FileExistsError: there is such a file, and overwrite is False.
        TypeError, ValueError: naming the argument; or the features are not finite numbers in that dtype.
        OSError: the file cannot be written.
    """
    path = Path(path).expanduser()
    kind = getattr(torch, _validate.choice("dtype", dtype, DTYPES))
    check_ending(path, kind)
    refuse_existing_file(path, overwrite)
    batch_size = _validate.integer("batch_size", batch_size, 1)
    place = pick_device(device)
    body = partial(_features_of, module.to(place).eval(), place, kind)
    parts = (data.train, data.test) if isinstance(data, ImageData) else data
    counted: list[Any] = [part if isinstance(part, Split) else part.dataset for part in parts]
    sizes = list(map(len, counted))
    done = 0

    def features(part: Split | DataLoader, labels: list[Tensor]) -> Iterator[Tensor]:
        nonlocal done
        for inputs, of_inputs in _batches(part, batch_size):
            yield body(inputs)
            labels.append(of_inputs)
            done += len(of_inputs)
            if on_batch is not None:
                on_batch(done, sum(sizes))

    arrays = {}
    for prefix, part, size in zip(LAYOUTS[0], parts, sizes, strict=True):
        labels: list[Tensor] = []  # filled while the features are written, and written after them
        shape = (size, _width(body, next(iter(_batches(part, 1)))[0]))
        arrays[f"{prefix}embeddings"] = Rows(kind, shape, features(part, labels))
        arrays[f"{prefix}labels"] = Rows(torch.int64, (size,), labels)
    return write_arrays(path, arrays)


def refuse_existing_file(path: Path, overwrite: bool = False) -> None:
    """Raise FileExistsError if there is something of that name, unless it may be replaced; OSError if it cannot be."""
    if path.is_dir() or (path.exists() and not overwrite):
        raise FileExistsError(f"{path} exists; choose another name, or replace a file with --overwrite")
    check_writable(path)


def run_body(folder: str | Path) -> nn.Module:
    """The network of a run of `python -m topk_lib train` without its last layer: uint8 images -> features (B, d).

    Raises:
        FileNotFoundError: there is no run in the folder.
        ValueError: its network is a head, trained on embeddings.
    """
    if "image_shape" not in (data := read_record(folder)["data"]):
        raise ValueError(
            f"run must be one that was trained on images, got {str(folder)!r}, trained on {data.get('name')}"
        )
    normalize, network = load_model(folder).children()
    return nn.Sequential(normalize, *list(network)[:-1])  # pyright: ignore[reportArgumentType]  # all are nn.Sequential


def import_module(name: str, weights: str | Path | None = None) -> nn.Module:
    """A network by where Python finds it.

    Args:
        name: "package.module:attribute", a network, or a class or function that makes one without arguments.
        weights: a file with its state_dict, read with ``weights_only=True``.

    Raises:
        ImportError: there is no such module.
        ValueError: name is not of that form, what it names is or makes no network, or the weights are not its own.
        OSError: the weights cannot be read.
    """
    package, _, attribute = name.partition(":")
    if not package or not attribute:
        raise ValueError(f"module must be PACKAGE.MODULE:NAME, got {name!r}")
    try:
        found = getattr(importlib.import_module(package), attribute)
    except AttributeError as error:
        raise ImportError(f"module {package} has no {attribute!r}") from error
    module = found if isinstance(found, nn.Module) else found() if callable(found) else found
    if not isinstance(module, nn.Module):
        raise ValueError(f"module must name a network or what makes one, got {name!r} ({type(module).__name__})")
    if weights is not None:
        try:
            module.load_state_dict(read_tensors(weights))
        except DAMAGED as error:
            raise ValueError(f"weights must be a state_dict of {name}, got {str(weights)!r} ({error})") from error
    return module


def _batches(part: Split | DataLoader, size: int) -> Iterable[tuple[Tensor, Tensor]]:
    return zip(part.images.split(size), part.labels.split(size), strict=True) if isinstance(part, Split) else part


def _width(body: Callable[[Tensor], Tensor], inputs: Tensor) -> int:
    try:
        return body(inputs).shape[1]
    except RuntimeError as error:
        given = f"{inputs.dtype} {tuple(inputs.shape)}"
        raise ValueError(f"module must take inputs of these data, {given}; it says: {error}") from error


@torch.inference_mode()
def _features_of(module: nn.Module, device: torch.device, dtype: torch.dtype, inputs: Tensor) -> Tensor:
    features = module(inputs.to(device))
    if not isinstance(features, Tensor):
        raise ValueError(f"module must return a tensor of features, got {type(features).__name__}")
    if not features.is_floating_point() or features.shape[:1] != inputs.shape[:1]:
        kind = f"{features.dtype} of shape {tuple(features.shape)}"
        raise ValueError(f"module must return floating-point features of shape ({len(inputs)}, ...), got {kind}")
    stored = features.flatten(1).to("cpu", dtype)
    if not stored.isfinite().all():
        raise ValueError(f"module must return features that are finite as {dtype}, got some that are not")
    return stored
