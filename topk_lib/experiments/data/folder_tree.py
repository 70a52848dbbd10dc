"""Which files of a tree of folders are images of which class, and what is wrong with a tree that has none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from .photo import SUFFIXES

TRAIN, OTHERS = "train", ("test", "val", "valid", "validation")
"""Names of the other folders: the first that is there is the test set, the next one the validation set."""
SHOWN = 3


class Tree(NamedTuple):
    """The files of an image folder.

    Attributes:
        class_names: the folders in train/, sorted.
        train, test, validation: for each class the paths of its images; no class at all where there is no such part.
        others: what lies among them and is no image.
    """

    class_names: tuple[str, ...]
    train: list[list[Path]]
    test: list[list[Path]]
    validation: list[list[Path]]
    others: list[Path]


def find_images(root: Path) -> Tree:
    """Look through train/CLASS, test/CLASS and val/CLASS (or valid/, validation/): the test set if there is no test/.

    Raises:
        FileNotFoundError: train/, or all that could be the test set, is missing.
        ValueError: no classes, a class that train/ lacks, a class of train/ without images, or another part without
            any. The message names the folder, and the level that looks right where one does.
    """
    train = _parts(root, (TRAIN,))[0]
    class_names, others = _class_names(train), []
    of_train = [_images(train / name, others) or _refuse(train / name) for name in class_names]
    parts = _parts(root, OTHERS)[:2]
    of_test, *of_validation = [_images_to_ask_about(part, train, class_names, others) for part in parts]
    others += [entry for part in (train, *parts) for entry in _entries(part) if not entry.is_dir()]
    return Tree(class_names, of_train, of_test, of_validation[0] if of_validation else [], others)


def few(names: Iterable[object]) -> str:
    """The first names, and how many more there are."""
    words = list(map(str, names))
    return ", ".join(words[:SHOWN]) + (f" and {len(words) - SHOWN:,} more" if len(words) > SHOWN else "")


def _parts(root: Path, names: Sequence[str]) -> list[Path]:
    """Those of the folders that are there."""
    if there := [root / name for name in names if (root / name).is_dir()]:
        return there
    shape = "an image folder holds train/CLASS/*.png and test/CLASS/*.png (or .jpg, .webp, .bmp, .tif; or val/)"
    raise FileNotFoundError(f"{root / names[0]} is missing: {shape}{_level_of_root(root)}")


def _class_names(folder: Path) -> tuple[str, ...]:
    names = [entry.name for entry in _entries(folder) if entry.is_dir()]
    if not names:
        raise ValueError(f"{folder} holds no class folders{_instead(folder)}")
    return tuple(names)


def _images_to_ask_about(part: Path, train: Path, class_names: Sequence[str], others: list[Path]) -> list[list[Path]]:
    """The images of a test or a validation set; it may leave out some of the classes."""
    if unknown := sorted(set(_class_names(part)) - set(class_names)):
        raise ValueError(f"{part / unknown[0]}: a class that {train} does not have{_level_of_classes(part)}")
    files = [_images(part / name, others) for name in class_names]
    return files if any(files) else _refuse(part)


def _images(folder: Path, others: list[Path]) -> list[Path]:
    entries = _entries(folder)
    images = [entry for entry in entries if _is_image(entry)]
    others += [entry for entry in entries if not _is_image(entry)]
    return images


def _entries(folder: Path) -> Sequence[Path]:
    """What is in a folder, sorted, without what file managers hide there; nothing where there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX")))


def _is_image(entry: Path) -> bool:
    return entry.suffix.lower() in SUFFIXES and entry.is_file()


def _folders_with_images(folder: Path) -> list[Path]:
    return [entry for entry in _entries(folder) if entry.is_dir() and any(map(_is_image, _entries(entry)))]


def _refuse(folder: Path) -> NoReturn:
    raise ValueError(f"{folder} holds no image ({', '.join(SUFFIXES)}){_instead(folder)}")


def _instead(folder: Path) -> str:
    """What is in a folder in place of images or classes, for an error."""
    if deeper := _folders_with_images(folder):
        return _level_of_classes(folder.parent) or f", but {deeper[0]} does; images must lie in the class folder itself"
    entries = _entries(folder)
    return f"; there is {few(entry.name for entry in entries)}" if entries else ""


def _level_of_classes(part: Path) -> str:
    """For an error: what looks like the folder of the classes, where it is the only one in train/ or test/."""
    folders = [entry for entry in _entries(part) if entry.is_dir()]
    if len(folders) != 1 or not (classes := _folders_with_images(folders[0])):
        return ""
    names = few(entry.name for entry in classes)
    return f"; {folders[0]} looks like the folder of the classes ({names}): move them up, into {part}"


def _level_of_root(root: Path) -> str:
    """For an error: what looks like the folder that was meant, or what is there."""
    above = [root.parent / "train"] if root.name in (TRAIN, *OTHERS) else []
    for train in (*above, *(path for pattern in ("*/train", "*/*/train") for path in sorted(root.glob(pattern)))):
        if _folders_with_images(train):
            return f"; {train.parent} looks right: folder:{train.parent}"
    if classes := _folders_with_images(root):
        names = few(entry.name for entry in classes)
        return f"; {names} look like classes: put them into {root / 'train'}, and images to test with into a test/"
    folders = [entry.name for entry in _entries(root) if entry.is_dir()]
    return f"; there is {few(folders)}" if folders else ""
