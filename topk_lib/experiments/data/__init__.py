"""Data sets as tensors in memory: CIFAR-10 and CIFAR-100, image folders, embeddings, and two that are drawn by code.

One file each. A new one is a function that returns `ImageData` or `EmbeddingData`, decorated by `DATASETS.register`,
and imported below.
"""

from __future__ import annotations

from .base import ImageData, Split
from .blobs import load_blobs
from .cifar import load_cifar
from .drawn_embeddings import draw_embeddings
from .embeddings import EmbeddingData, EmbeddingSplit, load_embeddings, make_embeddings, save_embeddings
from .folder import load_folder
from .registry import DATASETS, check_settings, load
from .synthetic import best_topk_accuracy, motif_names, synthetic100

Data = ImageData | EmbeddingData
"""What a network can be trained on."""
EMBEDDINGS = "embeddings:"

__all__ = [
    "DATASETS",
    "EMBEDDINGS",
    "Data",
    "EmbeddingData",
    "EmbeddingSplit",
    "ImageData",
    "Split",
    "best_topk_accuracy",
    "check_settings",
    "draw_embeddings",
    "load",
    "load_blobs",
    "load_cifar",
    "load_embeddings",
    "load_folder",
    "make_embeddings",
    "motif_names",
    "save_embeddings",
    "synthetic100",
]
