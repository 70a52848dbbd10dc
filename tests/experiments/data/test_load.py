"""load() by name, and subsets of a data set."""

import subprocess
import sys

import pytest
import torch

from topk_lib.experiments import Config, run
from topk_lib.experiments.data import DATASETS, ImageData, Split, load, make_embeddings

from .made_cifar import write_folder


def make(counts):
    """A split with the given number of images per class, in shuffled order; image i holds the number i."""
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(1))]
    images = torch.arange(len(labels)).to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)
    return Split(images, labels, torch.nn.functional.one_hot(labels).float())


def rows(split):
    return split.images[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("size", [1, 3, 10, 12, 25, 40])
def test_a_subset_is_as_balanced_as_can_be(size):
    counts = make([10, 10, 10, 10]).subset(size).labels.bincount(minlength=4)
    assert counts.sum() == size and counts.max() - counts.min() <= 1


def test_a_subset_of_uneven_classes_takes_all_of_the_small_ones():
    assert make([20, 2, 5]).subset(15).labels.bincount().tolist() == [8, 2, 5]


def test_a_subset_keeps_images_labels_and_posteriors_together_and_in_order():
    whole = make([10, 10, 10])
    part = whole.subset(12, seed=4)
    kept = rows(part)
    assert kept == sorted(set(kept)) and len(part) == 12
    assert torch.equal(part.labels, whole.labels[kept]) and torch.equal(part.posterior, whole.posterior[kept])


def test_subsets_of_one_seed_are_nested_and_another_seed_chooses_others():
    whole = make([10, 10, 10])
    assert set(rows(whole.subset(6, seed=2))) < set(rows(whole.subset(15, seed=2)))
    assert rows(whole.subset(6, seed=2)) == rows(whole.subset(6, seed=2)) != rows(whole.subset(6, seed=3))


def test_no_class_and_no_image_is_preferred():
    whole, picked = make([5, 5, 5]), torch.zeros(15)
    for seed in range(600):
        picked[rows(whole.subset(4, seed))] += 1
    assert (picked / 600 - 4 / 15).abs().max() < 0.08


@pytest.mark.parametrize("size", [0, 31])
def test_a_subset_larger_than_the_whole_is_refused(size):
    with pytest.raises(ValueError, match=f"size must be between 1 and 30, got {size}"):
        make([10, 10, 10]).subset(size)


def test_only_the_split_that_is_asked_for_shrinks():
    data = ImageData("name", make([10, 10]), make([4, 4]), ("a", "b"))
    assert [len(split) for split in (data.subset(6).train, data.subset(6).test)] == [6, 8]
    assert [len(split) for split in (data.subset(None, 2).train, data.subset(None, 2).test)] == [20, 2]
    assert data.subset(6).class_names == ("a", "b") and data.num_classes == 2


@pytest.mark.filterwarnings("ignore:.*used unverified")
def test_load_takes_subsets_of_files(tmp_path):
    write_folder(tmp_path, "cifar10")
    data = load("cifar10", tmp_path, train_size=30, test_size=10)
    assert data.train.labels.bincount().tolist() == [3] * 10 and data.test.labels.bincount().tolist() == [1] * 10
    other = load("cifar10", tmp_path, train_size=30, seed=1)
    assert len(other.test) == 20 and not torch.equal(other.train.images, data.train.images)
    with pytest.raises(ValueError, match="train_size must be between 1 and 100, got 101"):
        load("cifar10", tmp_path, train_size=101)


def test_load_draws_synthetic_images_of_the_seed_and_sizes():
    data = load("synthetic100", "no such folder", seed=2, train_size=30, test_size=20)
    assert (data.name, len(data.train), len(data.test)) == ("synthetic100", 30, 20)
    assert not torch.equal(data.train.images, load("synthetic100", seed=3, train_size=30, test_size=1).train.images)


@pytest.mark.parametrize("dataset", ["mnist", "", "CIFAR10", "folder", None, 10])
def test_an_unknown_name_lists_the_allowed_ones(dataset):
    with pytest.raises(ValueError, match="dataset must be one of") as caught:
        load(dataset)
    for part in ("'cifar10'", "'cifar100'", "'synthetic100'", "'folder:PATH'", f"got {dataset!r}"):
        assert part in str(caught.value)


@pytest.mark.parametrize("dataset", ["cifar10", "synthetic100", "folder:x"])
def test_the_seed_is_checked_first(dataset):
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        load(dataset, seed=-1)
    with pytest.raises(TypeError, match="seed must be an int, got 'a'"):
        load(dataset, seed="a")


def test_reprs_are_short():
    assert repr(make([2, 2])) == "Split(4 images (3, 2, 2), posterior known)"
    assert len(repr(ImageData("n", make([2]), make([2]), ("a",)))) < 300


def test_import_is_light_and_silent():
    code = (
        "import sys, torch; before = set(sys.modules); import topk_lib.experiments.data; "
        "new = set(sys.modules) - before; "
        "print(*sorted(new & {'PIL', 'tqdm', 'matplotlib', 'ipywidgets', 'IPython'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "", "")


@pytest.fixture
def rings():
    """A data set that only this file knows."""

    @DATASETS.register("rings", vectors=True)
    def load_rings(seed, train_size, test_size, *, width: float = 0.2):
        generator = torch.Generator().manual_seed(seed)
        labels = [torch.randint(3, (size or 60,), generator=generator) for size in (train_size, test_size)]
        points = [torch.stack([y + 1 + width * torch.randn(len(y), generator=generator)] * 2, 1) for y in labels]
        return make_embeddings("rings", *zip(points, labels, strict=True), 3)

    yield
    DATASETS.remove("rings")


def test_a_data_set_that_registers_itself_is_trained_on(rings):
    config = Config(dataset="rings", loss="topk", p_k=[0.5, 0.5], width=0.1, epochs=1, device="cpu")
    assert not config.is_on_images and Config(dataset="synthetic100").is_on_images
    _, record = run(config, load("rings", train_size=90, width=0.1))
    assert record["data"]["train_embeddings"] == 90 and record["config"]["width"] == 0.1
    with pytest.raises(ValueError, match=r"width must be left out unless dataset is rings, got 0\.1 with 'blobs'"):
        load("blobs", width=0.1)
