"""Image folders: PATH/train/CLASS/*.png|jpg|jpeg and PATH/test/CLASS/..."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from .._validate import integer
from .base import ImageData, Split

SUFFIXES = (".png", ".jpg", ".jpeg")


def load_folder(path: str | Path, *, size: int | None = None) -> ImageData:
    """Read a tree of images into memory.

    Classes are the folder names under train/, sorted; test/ may leave some of them out. Images become RGB
    (three channels of eight bits). Files of other types and hidden files are passed over.

    Args:
        path: the folder that holds train/ and test/.
        size: resize every image to size x size pixels. Without it all must have the same height and width.

    Returns:
        ImageData named "folder:PATH".

    Raises:
        FileNotFoundError: path, train/ or test/ is missing.
        ValueError: no classes, a class of train/ without images, a class in test/ that train/ lacks, an
            unreadable or 16-bit image, or images of different sizes; the message names the file or folder.
        ImportError: Pillow is not installed.
    """
    if size is not None:
        size = integer("size", size, 1)
    root = Path(path).expanduser()
    class_names = _class_names(root / "train")
    unknown = sorted(set(_class_names(root / "test")) - set(class_names))
    if unknown:
        raise ValueError(f"{root / 'test' / unknown[0]}: a class that {root / 'train'} does not have")
    files = {part: [_image_files(root / part / name) for name in class_names] for part in ("train", "test")}
    empty = [name for name, found in zip(class_names, files["train"], strict=True) if not found]
    if empty or not any(files["test"]):
        where = root / "train" / empty[0] if empty else root / "test"
        raise ValueError(f"{where} holds no image ({', '.join(SUFFIXES)})")
    first = files["train"][0][0]
    shape = _read(first, size).shape
    train, test = (_split(files[part], shape, first, size) for part in ("train", "test"))
    return ImageData(f"folder:{path}", train, test, class_names)


def _class_names(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is missing: an image folder holds train/CLASS/*.png and test/CLASS/*.png (or jpg)"
        )
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not names:
        raise ValueError(f"{folder} holds no class folders")
    return tuple(names)


def _image_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    files = (file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and not file.name.startswith("."))
    return sorted(file for file in files if file.is_file())


def _split(files: Sequence[list[Path]], shape: tuple[int, ...], first: Path, size: int | None) -> Split:
    images = np.empty((sum(map(len, files)), *shape), np.uint8)
    for row, file in enumerate(file for of_class in files for file in of_class):
        image = _read(file, size)
        if image.shape != shape:
            raise ValueError(
                f"{file} has {_pixels(image.shape)} pixels, but {first} has {_pixels(shape)}; make all "
                f"images equal, or let topk_lib.data.load_folder(path, size=32) resize them"
            )
        images[row] = image
    labels = np.repeat(np.arange(len(files)), [len(of_class) for of_class in files])
    return Split(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


def _read(file: Path, size: int | None) -> np.ndarray:
    """One image as (3, H, W) uint8."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError('image folders need Pillow: pip install "topk-lib[train]"') from error
    try:
        with Image.open(file) as image:
            if image.mode[0] in "IF":
                raise ValueError(f"more than 8 bits a channel, mode {image.mode}")
            image = image.convert("RGB")
            if size is not None:
                image = image.resize((size, size), Image.Resampling.BICUBIC)
            return np.asarray(image).transpose(2, 0, 1)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{file} cannot be read as an image ({error})") from error


def _pixels(shape: tuple[int, ...]) -> str:
    return f"{shape[2]}x{shape[1]}"
