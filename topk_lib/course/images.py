"""Which images the training lessons use: real ones where they lie at hand, drawn ones elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from ..experiments.data import ImageData, load

REAL = ("cifar10", "cifar100")
DRAWN = "synthetic100"


def lesson_images(train_size: int | None = None, test_size: int | None = None) -> ImageData:
    """CIFAR-10 or CIFAR-100 if one of them is in the data folder, else synthetic100; prints which.

    Nothing is ever downloaded. The folder is the one that TOPK_DATA_DIR names, or the nearest one called ``data``
    from here upwards.

    Args:
        train_size, test_size: use only so many images; all by default.
    """
    folder = _data_folder()
    for name in REAL if folder else ():
        try:
            data = load(name, folder, train_size=train_size, test_size=test_size)
        except FileNotFoundError:
            continue
        print(f"{name}: real photographs, found in the data folder.")
        break
    else:
        data = load(DRAWN, train_size=train_size, test_size=test_size)
        print(f"{DRAWN}: images drawn by code, since no CIFAR files are in the data folder.")
    print(
        f"{len(data.train.labels):,} to train on, {len(data.test.labels):,} to test, {len(data.class_names)} classes."
    )
    return data


def _data_folder() -> Path | None:
    if named := os.environ.get("TOPK_DATA_DIR"):
        return Path(named)
    here = Path.cwd()
    return next((folder / "data" for folder in (here, *here.parents) if (folder / "data").is_dir()), None)
