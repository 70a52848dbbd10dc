"""Data sets by name. Each registers a function that loads it; what that takes beyond the usual are its own settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..._validate import integer
from ...registry import Registry, Setting, settings_of

if TYPE_CHECKING:
    from . import Data

Loader = Callable[..., Any]
USUAL = ("path", "data_dir", "download", "seed", "train_size", "test_size")


class Datasets(Registry[Loader]):
    """Loaders by name; a name that ends in a colon is followed by a path."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._of_vectors: set[str] = set()

    def register(self, name: str, argument: str = "", *, vectors: bool = False) -> Callable[[Loader], Loader]:
        """Decorate what loads a data set.

        The function is called with those of data_dir, download, seed, train_size and test_size that it takes, with
        ``path`` where the name has an argument, and with its own settings, each of which must have a default.

        Args:
            name: as ``load`` and ``--dataset`` take it; "folder:" is followed by a path.
            argument: what to call that path, such as "PATH".
            vectors: whether the samples are vectors, `EmbeddingData`, and not images.
        """
        if vectors:
            self._of_vectors.add(name)
        return lambda loader: self.add(name, loader, name + argument)

    def has_images(self, dataset: str) -> bool:
        """Whether the samples of a data set are images, not vectors."""
        return self.find(dataset)[0] not in self._of_vectors

    def find(self, dataset: str) -> tuple[str, str]:
        """The name that is registered, and the path behind it.

        Raises:
            ValueError: there is no such data set.
        """
        for name in self if isinstance(dataset, str) else ():
            if dataset == name and not name.endswith(":"):
                return name, ""
            if name.endswith(":") and dataset.startswith(name):
                if dataset == name:
                    raise ValueError(f"dataset must be {self.display_name(name)}, got {dataset!r}")
                return name, dataset.removeprefix(name)
        known = ", ".join(repr(self.display_name(name)) for name in self)
        raise ValueError(f"dataset must be one of {known}, got {dataset!r}")

    def settings(self, name: str) -> dict[str, Setting]:
        """What can be set of a data set beyond the usual."""
        return {key: setting for key, setting in settings_of(self[name]).items() if key not in USUAL}


DATASETS = Datasets("dataset")


def load(
    dataset: str,
    data_dir: str | Path = "data",
    *,
    download: bool = False,
    seed: int = 0,
    train_size: int | None = None,
    test_size: int | None = None,
    **settings: object,
) -> Data:
    """Load a data set by name.

    Args:
        dataset: "cifar10", "cifar100", "synthetic100", "blobs", "folder:PATH" (train/CLASS/*.png and
            test/CLASS/*.png, see ``load_folder``), "embeddings:FILE" (see ``load_embeddings``), or what
            ``DATASETS.register`` has added.
        data_dir: where CIFAR's files lie: a folder, or the path of the extracted folder, .tar.gz or .tar itself.
        download: fetch CIFAR's archive into data_dir if it is not there. Nothing is downloaded without it.
        seed: chooses the subset where a size is given; for what is drawn by code also the samples.
        train_size, test_size: use only so many samples (not of embeddings), classes as even as possible.
            synthetic100 draws that many (50 000 and 10 000 unless told), the first ones of a longer drawing.
        settings: of the data set itself, such as ``size=64`` of an image folder, to resize every image to 64 x 64, or
            ``spread``, ``noise`` and ``noise_rate`` of "blobs" (see ``load_blobs``). None leaves one at its default.

    Returns:
        ImageData: (N, 3, H, W) uint8 images and (N,) int64 labels for train and test, with class names; or
        EmbeddingData: (N, d) vectors and (N,) int64 labels.

    Raises:
        TypeError, ValueError: an unknown dataset, a setting that it does not have or does not allow, or damaged files.
        FileNotFoundError: the files are not there; the message says how to get them.
        OSError: a download failed.
        ImportError: an image folder without Pillow, or a download without tqdm, installed.
    """
    seed = integer("seed", seed, 0)
    name, path = DATASETS.find(dataset)
    own = check_settings(dataset, settings)
    usual = {"path": path, "data_dir": data_dir, "download": download, "seed": seed}
    usual |= {"train_size": train_size, "test_size": test_size}
    taken = settings_of(DATASETS[name])
    for key in ("train_size", "test_size"):
        if usual[key] is not None and key not in taken:
            raise ValueError(f"{key} must be left out with {name.rstrip(':')}, got {usual[key]!r}")
    return DATASETS[name](**{key: value for key, value in usual.items() if key in taken}, **own)


def check_settings(dataset: str, settings: dict[str, object]) -> dict[str, object]:
    """Those of the settings that are not None.

    Raises:
        ValueError: there is no such data set, or it has no such setting.
    """
    name, _ = DATASETS.find(dataset)
    given = {key: value for key, value in settings.items() if value is not None}
    for key, value in given.items():
        if key not in DATASETS.settings(name):
            others = [DATASETS.display_name(each) for each in DATASETS if key in DATASETS.settings(each)]
            which = f" unless dataset is {' or '.join(others)}" if others else ""
            raise ValueError(f"{key} must be left out{which}, got {value!r} with {dataset!r}")
    return given
