"""Data sets as tensors in memory: CIFAR-10 and CIFAR-100, image folders, and the embedded synthetic100."""

from __future__ import annotations

from pathlib import Path

from ..._validate import integer
from .base import ImageData, Split
from .cifar import load_cifar
from .drawn_embeddings import draw_embeddings
from .embeddings import EmbeddingData, EmbeddingSplit, load_embeddings, make_embeddings, save_embeddings
from .folder import PREFIX, check_size, load_folder
from .synthetic import best_topk_accuracy, motif_names, synthetic100

Data = ImageData | EmbeddingData
"""What a network can be trained on."""
EMBEDDINGS = "embeddings:"
DATASETS = ("cifar10", "cifar100", "synthetic100", "folder:PATH", "embeddings:FILE")

__all__ = [
    "DATASETS",
    "Data",
    "EmbeddingData",
    "EmbeddingSplit",
    "ImageData",
    "Split",
    "best_topk_accuracy",
    "draw_embeddings",
    "load",
    "load_embeddings",
    "load_folder",
    "make_embeddings",
    "motif_names",
    "save_embeddings",
    "synthetic100",
]


def load(
    dataset: str,
    data_dir: str | Path = "data",
    *,
    download: bool = False,
    seed: int = 0,
    train_size: int | None = None,
    test_size: int | None = None,
    size: int | None = None,
) -> Data:
    """Load a data set by name.

    Args:
        dataset: "cifar10", "cifar100", "synthetic100", "folder:PATH" (train/CLASS/*.png and
            test/CLASS/*.png, see ``load_folder``) or "embeddings:FILE" (see ``load_embeddings``).
        data_dir: where CIFAR's files lie: a folder, or the path of the extracted folder, .tar.gz or .tar itself.
        download: fetch CIFAR's archive into data_dir if it is not there. Nothing is downloaded without it.
        seed: chooses the subset where a size is given; for synthetic100 also the images.
        train_size, test_size: use only so many images (not of embeddings), classes as even as possible.
            synthetic100 draws that many (50 000 and 10 000 unless told), the first ones of a longer drawing.
        size: of an image folder, resize every image to size x size pixels.

    Returns:
        ImageData: (N, 3, H, W) uint8 images and (N,) int64 labels for train and test, with class names; or
        EmbeddingData: (N, d) embeddings and (N,) int64 labels.

    Raises:
        TypeError, ValueError: an unknown dataset, a size or seed that is not allowed, or damaged files.
        FileNotFoundError: the files are not there; the message says how to get them.
        OSError: a download failed.
        ImportError: an image folder without Pillow, or a download without tqdm, installed.
    """
    seed = integer("seed", seed, 0)
    check_size(dataset, size)
    if dataset == "synthetic100":
        sizes = {"train_size": train_size, "test_size": test_size}
        return synthetic100(seed, **{name: size for name, size in sizes.items() if size is not None})
    if isinstance(dataset, str) and dataset.startswith(EMBEDDINGS):
        return _load_embeddings(dataset.removeprefix(EMBEDDINGS), train_size=train_size, test_size=test_size)
    if dataset in ("cifar10", "cifar100"):
        data = load_cifar(dataset, data_dir, download=download)
    elif isinstance(dataset, str) and dataset.startswith(PREFIX) and dataset != PREFIX:
        data = load_folder(dataset.removeprefix(PREFIX), size=size)
    else:
        raise ValueError(f"dataset must be one of {', '.join(map(repr, DATASETS))}, got {dataset!r}")
    return data.subset(train_size, test_size, seed)


def _load_embeddings(path: str, **sizes: int | None) -> EmbeddingData:
    if not path:
        raise ValueError(f"dataset must be {EMBEDDINGS}FILE to train a head, got {EMBEDDINGS!r}")
    for name, size in sizes.items():
        if size is not None:
            raise ValueError(f"{name} must be left out with embeddings, got {size!r}")
    return load_embeddings(path)
