"""Image folders load as they lie, and every fault is an error that names the file or folder."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from topk_lib.experiments.data import load, load_folder

from .made_photos import picture, save


@pytest.fixture
def tree(tmp_path):
    """Two training images of each of three classes, one test image of two of them."""
    tmp_path = tmp_path / "my" / "animals"
    for seed, name in enumerate(("wolf", "cat", "fox")):
        save(tmp_path / "train" / name / "b.png", picture(seed))
        save(tmp_path / "train" / name / "a.png", picture(seed + 10))
    save(tmp_path / "test" / "fox" / "1.png", picture(20))
    save(tmp_path / "test" / "wolf" / "2.png", picture(21))
    return tmp_path


def test_images_labels_and_sorted_names(tree):
    data = load(f"folder:{tree}")
    assert data.name == f"folder:{tree}" and data.class_names == ("cat", "fox", "wolf")
    assert data.train.labels.tolist() == [0, 0, 1, 1, 2, 2] and data.test.labels.tolist() == [1, 2]
    assert data.train.labels.dtype == torch.int64 and data.groups is None and data.train.posterior is None
    expected = [picture(seed).transpose(2, 0, 1) for seed in (11, 1, 12, 2, 10, 0)]
    assert torch.equal(data.train.images, torch.from_numpy(np.stack(expected)))
    assert torch.equal(data.test.images[0], torch.from_numpy(picture(20).transpose(2, 0, 1)))


def test_every_suffix_counts_in_any_case_and_hidden_files_do_not(tree):
    for name in ("c.JPG", "d.jpeg", "e.Png", "f.WebP", "g.BMP", "h.tif", "i.TIFF"):
        save(tree / "train" / "cat" / name, picture(5))
    (tree / "train" / "cat" / "._c.png").write_bytes(b"a finder's remains")
    (tree / "train" / ".cache").mkdir()
    data = load(f"folder:{tree}")
    assert data.train.labels.bincount().tolist() == [9, 2, 2] and data.num_classes == 3


def test_the_first_image_of_another_size_is_named(tree):
    save(tree / "train" / "fox" / "c.png", picture(0, (8, 7)))
    save(tree / "train" / "wolf" / "c.png", picture(0, (9, 6)))
    with pytest.raises(ValueError, match=r"fox.c\.png has 8x7 pixels, but .*cat.a\.png has 8x6.*--size 64 \(size=64\)"):
        load(f"folder:{tree}")


def test_a_test_image_of_another_size_is_named(tree):
    save(tree / "test" / "fox" / "1.png", picture(0, (6, 8)))
    with pytest.raises(ValueError, match=r"test.fox.1\.png has 6x8 pixels, but .*cat.a\.png has 8x6"):
        load(f"folder:{tree}")


def test_images_can_be_resized(tree):
    save(tree / "train" / "fox" / "c.png", np.full((70, 50, 3), 77, np.uint8))
    data = load(f"folder:{tree}", size=32)
    assert torch.equal(load_folder(tree, size=32).train.images, data.train.images)
    assert data.train.images.shape == (7, 3, 32, 32) and data.test.images.shape == (2, 3, 32, 32)
    assert (data.train.images[4] == 77).all()


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_is_refused(tree, size):
    with pytest.raises(ValueError, match=f"size must be at least 1, got {size}"):
        load_folder(tree, size=size)


@pytest.mark.parametrize("dataset", ["synthetic100", "cifar10"])
def test_other_data_sets_have_no_size(dataset):
    with pytest.raises(
        ValueError, match=f"size must be left out unless dataset is folder:PATH, got 8 with '{dataset}'"
    ):
        load(dataset, size=8)


@pytest.mark.parametrize("content", [b"", b"no image at all", None])
def test_an_unreadable_image_is_left_out_and_named(tree, content):
    path = tree / "train" / "fox" / "a.png"
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    with pytest.warns(UserWarning, match=r": 1 left out: .*fox.a\.png cannot be read as an image") as caught:
        data = load(f"folder:{tree}")
    assert len(caught) == 1 and caught[0].filename == __file__
    assert data.train.labels.tolist() == [0, 0, 1, 2, 2] and len(data.train.images) == 5
    assert torch.equal(data.train.images[2], torch.from_numpy(picture(2).transpose(2, 0, 1)))


@pytest.mark.filterwarnings("ignore:.*left out")
def test_a_class_whose_last_image_is_unreadable_is_named_if_it_is_needed(tree):
    (tree / "test" / "fox" / "1.png").write_bytes(b"")
    assert load(f"folder:{tree}").test.labels.tolist() == [2]
    (tree / "test" / "wolf" / "2.png").write_bytes(b"")
    with pytest.raises(
        ValueError, match=r"test.fox holds no image that can be read: .*1\.png cannot .*wolf.2\.png cannot"
    ):
        load(f"folder:{tree}")
    for name in "ab":
        (tree / "train" / "fox" / f"{name}.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"train.fox holds no image that can be read: .*fox.a\.png cannot be read"):
        load(f"folder:{tree}")


def test_a_giant_image_is_left_out_and_named(tree, monkeypatch):
    save(tree / "train" / "cat" / "a.png", picture(0, (80, 60)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.warns(UserWarning, match=r"cat.a\.png cannot be read as an image .*decompression bomb"):
        assert len(load(f"folder:{tree}").train) == 5


def test_images_that_do_not_fit_into_memory_are_counted(tree, monkeypatch):
    def full(*shape):
        raise MemoryError

    monkeypatch.setattr(np, "empty", full)
    with pytest.raises(
        ValueError, match=r"6 images like .*cat.a\.png, of 8x6 pixels, do not fit .*--size 64 \(size=64\)"
    ):
        load(f"folder:{tree}")


def test_what_is_left_out_or_changed_is_told_once_of_each_kind(tree):
    for i in range(5):
        (tree / "train" / "cat" / f"{i}.heic").write_bytes(b"")
        save(tree / "train" / "wolf" / f"clear {i}.png", np.zeros((6, 8, 4), np.uint8))
    (tree / "test" / "list.csv").write_text("")
    (tree / "test" / "fox" / "more").mkdir()
    (tree / "test" / "fox" / "x.png").write_bytes(b"")
    with pytest.warns(UserWarning) as caught:
        assert len(load(f"folder:{tree}").train) == 11
    others, unreadable, clear = (str(warning.message).removeprefix(f"{tree}: ") for warning in caught)
    assert others.startswith("7 left out as no image files (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff): ")
    assert others.endswith(" and 4 more") and str(Path("train", "cat", "0.heic")) in others
    assert unreadable.startswith(f"1 left out: {tree / 'test' / 'fox' / 'x.png'} cannot be read as an image")
    assert clear.startswith("white was put behind 5 that are transparent: ") and clear.endswith("2.png and 2 more")


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_validation_images_are_the_test_set_where_there_is_no_other(tree, name):
    expected = load(f"folder:{tree}").test
    (tree / "test").rename(tree / name)
    assert torch.equal(load(f"folder:{tree}").test.images, expected.images)


@pytest.mark.parametrize("name", ["val", "valid", "validation"])
def test_beside_a_test_set_they_are_validation_images(tree, name):
    whole = load(f"folder:{tree}")
    assert whole.validation is None
    save(tree / name / "fox" / "1.png", picture(7))
    data = load(f"folder:{tree}", train_size=4, test_size=1)
    assert data.validation.labels.tolist() == [data.class_names.index("fox")]
    assert torch.equal(data.validation.images[0], torch.from_numpy(picture(7)).permute(2, 0, 1))
    assert torch.equal(load(f"folder:{tree}").test.images, whole.test.images)
    save(tree / name / "lynx" / "1.png", picture(0))
    with pytest.raises(ValueError, match=rf"{name}.lynx: a class that .*train does not have"):
        load(f"folder:{tree}")


def lift(tree, part):
    """PATH/part/CLASS becomes PATH/part/images/CLASS."""
    (tree / part).rename(tree / "on the way")
    (tree / part).mkdir()
    (tree / "on the way").rename(tree / part / "images")
    return tree


def images_in_folders(tree):
    for name in ("cat", "fox", "wolf"):
        (tree / "train" / name / "images").mkdir()
        for path in (tree / "train" / name).glob("*.png"):
            path.rename(path.parent / "images" / path.name)
    return tree


def classes_alone(tree):
    (tree / "train").rename(tree / "photos")
    return tree / "photos"


WRONG_LEVELS = {
    "in train": (lambda tree: tree / "train", "train.train is missing: .*; {tree} looks right: folder:{tree}$"),
    "in test": (lambda tree: tree / "test", "test.train is missing: .*; {tree} looks right: folder:{tree}$"),
    "one above": (lambda tree: tree.parent, "{tree.parent}.train is missing: .*; {tree} looks right: folder:{tree}$"),
    "two above": (lambda tree: tree.parent.parent, "train is missing: .*; {tree} looks right: folder:{tree}$"),
    "train deeper": (
        lambda tree: lift(tree, "train"),
        r"train.images holds no image .*; {tree}.train.images looks like the folder of the classes \(cat, fox, wolf\): "
        "move them up, into {tree}.train$",
    ),
    "test deeper": (
        lambda tree: lift(tree, "test"),
        r"test.images: a class .*; .*test.images looks like .*\(fox, wolf\)",
    ),
    "images deeper": (images_in_folders, "cat holds no image .*, but .*cat.images does; images must lie in the class"),
    "no parts": (classes_alone, "train is missing: .*; cat, fox, wolf look like classes: put them into .*photos.train"),
}


@pytest.mark.parametrize("wrong", WRONG_LEVELS)
def test_the_level_that_looks_right_is_named(tree, wrong):
    arrange, message = WRONG_LEVELS[wrong]
    with pytest.raises((FileNotFoundError, ValueError), match=message.format(tree=tree)):
        load(f"folder:{arrange(tree)}")


def test_a_test_class_that_training_lacks_is_named(tree):
    save(tree / "test" / "lion" / "1.png", picture(0))
    with pytest.raises(ValueError, match=r"test.lion: a class that .*train does not have"):
        load(f"folder:{tree}")


def test_a_training_class_without_images_is_named(tree):
    (tree / "train" / "lion").mkdir()
    with pytest.raises(ValueError, match=r"train.lion holds no image .*\.webp, .*\)$"):
        load(f"folder:{tree}")


def test_a_test_folder_without_images_is_named(tree):
    for path in (tree / "test").rglob("*.png"):
        path.unlink()
    with pytest.raises(ValueError, match=r"test holds no image"):
        load(f"folder:{tree}")


@pytest.mark.parametrize("missing", ["train", "test"])
def test_a_missing_part_says_what_a_tree_looks_like(tree, missing):
    (tree / missing).rename(tree / "elsewhere")
    shape = r"train/CLASS/\*\.png and test/CLASS.*; there is elsewhere"
    with pytest.raises(FileNotFoundError, match=f"{missing} is missing: .*{shape}"):
        load(f"folder:{tree}")


def test_a_part_without_class_folders_is_named(tmp_path):
    (tmp_path / "train").mkdir()
    with pytest.raises(ValueError, match="train holds no class folders"):
        load(f"folder:{tmp_path}")


def test_without_pillow_the_error_names_the_extra(tree, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r'pip install "topk-lib\[train\]"'):
        load(f"folder:{tree}")
