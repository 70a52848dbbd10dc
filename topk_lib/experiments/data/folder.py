"""Image folders: PATH/train/CLASS/*.png, *.jpg, *.webp, ... and PATH/test/CLASS/... or PATH/val/CLASS/..."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from ..._validate import integer
from .base import ImageData, Split
from .folder_tree import Tree, few, find_images
from .photo import SUFFIXES, read_photo
from .registry import DATASETS

PREFIX = "folder:"


@DATASETS.register(PREFIX, "PATH")
def _load(path: str, seed: int, train_size: int | None, test_size: int | None, *, size: int | None = None) -> ImageData:
    """An image folder as `topk_lib.experiments.data.load` loads it.

    Args:
        size: make every image so many pixels high and wide.
    """
    return load_folder(path, size=size).subset(train_size, test_size, seed)


def load_folder(path: str | Path, *, size: int | None = None) -> ImageData:
    """Read a tree of images into memory.

    Classes are the folder names under train/, sorted; the other parts may leave some of them out. val/ (or valid/,
    validation/) holds the validation images; it is the test set where there is no test/. Images become RGB, three
    channels of eight bits, turned as EXIF says and on white where they are transparent. Hidden files are passed over;
    what else is no image, or cannot be read, is left out. A warning of each kind names the first files and counts the
    rest.

    Args:
        path: the folder that holds train/ and test/ or val/.
        size: resize every image to size x size pixels. Without it all must have the same height and width.

    Returns:
        ImageData named "folder:PATH".

    Raises:
        FileNotFoundError: path, train/ or test/ is missing.
        ValueError: no classes, a class of train/ without images, a class in test/ that train/ lacks, images of
            different sizes, or more of them than fit into memory; the message names the file or folder.
        ImportError: Pillow is not installed.
    """
    size = None if size is None else integer("size", size, 1)
    root = Path(path).expanduser()
    tree, reader = find_images(root), _Reader(size)
    train, test = reader.read(tree.train), reader.read(tree.test, some_suffice=True)
    validation = reader.read(tree.validation, some_suffice=True) if tree.validation else None
    for text in _remarks(root, tree, reader):
        warnings.warn(f"{root}: {text}", UserWarning, stacklevel=4)  # the caller of topk_lib.experiments.data.load
    return ImageData(f"{PREFIX}{path}", train, test, tree.class_names, validation=validation)


class _Reader:
    """Reads images of one shape, and remembers what there is to say about them.

    Attributes:
        size: to resize to, or None.
        first, shape: the first image that could be read, and the shape that all must have.
        unreadable: what is wrong with those that could not.
        see_through: those that white was put behind.
    """

    def __init__(self, size: int | None) -> None:
        self.size, self.first, self.shape = size, None, ()
        self.unreadable: list[str] = []
        self.see_through: list[Path] = []

    def read(self, files: Sequence[list[Path]], some_suffice: bool = False) -> Split:
        """All images of all classes. Every class must keep one, or, where some suffice, one class."""
        images, labels = np.array([]), []
        for label, of_class in enumerate(files):
            for file, pixels in self._readable(of_class):
                self._check_shape(file, pixels.shape)
                images = images if labels else self._room(sum(map(len, files)))
                images[len(labels)] = pixels
                labels.append(label)
        kept = set(labels)
        lost = [of_class[0].parent for label, of_class in enumerate(files) if of_class and label not in kept]
        if lost and not (labels and some_suffice):
            raise ValueError(f"{lost[0]} holds no image that can be read: {few(self.unreadable)}")
        return Split(torch.from_numpy(images[: len(labels)]), torch.tensor(labels))

    def _readable(self, files: list[Path]) -> Iterator[tuple[Path, np.ndarray]]:
        for file in files:
            try:
                pixels, see_through = read_photo(file, self.size)
            except ValueError as error:
                self.unreadable.append(str(error))
                continue
            if see_through:
                self.see_through.append(file)
            yield file, pixels

    def _check_shape(self, file: Path, shape: tuple[int, ...]) -> None:
        if self.first is None:
            self.first, self.shape = file, shape
        elif shape != self.shape:
            raise ValueError(
                f"{file} has {_pixels(shape)} pixels, but {self.first} has {_pixels(self.shape)}; make all images "
                "equal, or resize them with --size 64 (size=64)"
            )

    def _room(self, count: int) -> np.ndarray:
        try:
            return np.empty((count, *self.shape), np.uint8)
        except MemoryError as error:
            raise ValueError(
                f"{count:,} images like {self.first}, of {_pixels(self.shape)} pixels, do not fit into memory; "
                "resize them with --size 64 (size=64)"
            ) from error


def _remarks(root: Path, tree: Tree, reader: _Reader) -> Iterator[str]:
    """What a user should know about images that were left out or changed."""

    def names(paths: Sequence[Path]) -> str:
        return few(path.relative_to(root) for path in paths)

    if tree.others:
        yield f"{len(tree.others):,} left out as no image files ({', '.join(SUFFIXES)}): {names(tree.others)}"
    if reader.unreadable:
        yield f"{len(reader.unreadable):,} left out: {few(reader.unreadable)}"
    if reader.see_through:
        yield f"white was put behind {len(reader.see_through):,} that are transparent: {names(reader.see_through)}"


def _pixels(shape: tuple[int, ...]) -> str:
    return f"{shape[2]}x{shape[1]}"
