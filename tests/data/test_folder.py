"""Image folders load as they lie, and every fault is an error that names the file or folder."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from topk_lib.data import load, load_folder


def picture(seed, size=(8, 6)):
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def tree(tmp_path):
    """Two training images of each of three classes, one test image of two of them."""
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


def test_jpeg_and_upper_case_suffixes_count_and_other_files_do_not(tree):
    for name in ("c.JPG", "d.jpeg", "e.Png"):
        save(tree / "train" / "cat" / name, picture(5))
    (tree / "train" / "cat" / "notes.txt").write_text("no image")
    (tree / "train" / "cat" / "._c.png").write_bytes(b"a finder's remains")
    (tree / "train" / ".cache").mkdir()
    data = load(f"folder:{tree}")
    assert data.train.labels.bincount().tolist() == [5, 2, 2] and data.num_classes == 3


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_every_eight_bit_mode_becomes_rgb(tree, mode):
    suffix = "jpg" if mode == "CMYK" else "png"
    image = Image.fromarray(picture(3)).convert(mode)
    path = tree / "train" / "cat" / f"a.{suffix}"
    (tree / "train" / "cat" / "a.png").unlink()
    image.save(path)
    expected = np.array(Image.open(path).convert("RGB")).transpose(2, 0, 1)
    assert torch.equal(load(f"folder:{tree}").train.images[0], torch.from_numpy(expected))


def test_a_sixteen_bit_image_is_refused(tree):
    path = tree / "train" / "fox" / "deep.png"
    Image.fromarray(np.full((6, 8), 40_000, np.uint16)).save(path)
    with pytest.raises(ValueError, match=r"fox.deep\.png cannot be read .*more than 8 bits a channel, mode I;16"):
        load(f"folder:{tree}")


def test_the_first_image_of_another_size_is_named(tree):
    save(tree / "train" / "fox" / "c.png", picture(0, (8, 7)))
    save(tree / "train" / "wolf" / "c.png", picture(0, (9, 6)))
    with pytest.raises(ValueError, match=r"fox.c\.png has 8x7 pixels, but .*cat.a\.png has 8x6.*size=32"):
        load(f"folder:{tree}")


def test_a_test_image_of_another_size_is_named(tree):
    save(tree / "test" / "fox" / "1.png", picture(0, (6, 8)))
    with pytest.raises(ValueError, match=r"test.fox.1\.png has 6x8 pixels, but .*cat.a\.png has 8x6"):
        load(f"folder:{tree}")


def test_images_can_be_resized(tree):
    save(tree / "train" / "fox" / "c.png", np.full((70, 50, 3), 77, np.uint8))
    data = load_folder(tree, size=32)
    assert data.train.images.shape == (7, 3, 32, 32) and data.test.images.shape == (2, 3, 32, 32)
    assert (data.train.images[4] == 77).all()


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_is_refused(tree, size):
    with pytest.raises(ValueError, match=f"size must be at least 1, got {size}"):
        load_folder(tree, size=size)


@pytest.mark.parametrize("content", [b"", b"no image at all", None])
def test_an_unreadable_image_is_named(tree, content):
    path = tree / "train" / "fox" / "a.png"
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    with pytest.raises(ValueError, match=r"fox.a\.png cannot be read as an image"):
        load(f"folder:{tree}")


def test_a_giant_image_is_named(tree, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ValueError, match=r"cat.a\.png cannot be read as an image .*decompression bomb"):
        load(f"folder:{tree}")


def test_a_test_class_that_training_lacks_is_named(tree):
    save(tree / "test" / "lion" / "1.png", picture(0))
    with pytest.raises(ValueError, match=r"test.lion: a class that .*train does not have"):
        load(f"folder:{tree}")


def test_a_training_class_without_images_is_named(tree):
    (tree / "train" / "lion").mkdir()
    with pytest.raises(ValueError, match=r"train.lion holds no image"):
        load(f"folder:{tree}")


def test_a_test_folder_without_images_is_named(tree):
    for path in (tree / "test").rglob("*.png"):
        path.unlink()
    with pytest.raises(ValueError, match=r"test holds no image"):
        load(f"folder:{tree}")


@pytest.mark.parametrize("missing", ["train", "test"])
def test_a_missing_part_says_what_a_tree_looks_like(tree, missing):
    (tree / missing).rename(tree / "elsewhere")
    with pytest.raises(FileNotFoundError, match=rf"{missing} is missing: .*train/CLASS/\*\.png and test/CLASS"):
        load(f"folder:{tree}")


def test_a_part_without_class_folders_is_named(tmp_path):
    (tmp_path / "train").mkdir()
    with pytest.raises(ValueError, match="train holds no class folders"):
        load(f"folder:{tmp_path}")


def test_without_pillow_the_error_names_the_extra(tree, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r'pip install "topk-lib\[train\]"'):
        load(f"folder:{tree}")
