"""CIFAR's files load from every place and dialect; every fault is an error that names the file."""

import dataclasses
import hashlib
import io
import os
import pickle
import shutil
import tarfile
import urllib.request
import warnings

import numpy as np
import pytest
import torch

from topk_lib.experiments.data import cifar, load

from .made_cifar import ARCHIVES, FOLDERS, entries, python2, python3, write_archive, write_folder

NAMES = ("cifar10", "cifar100")


@pytest.fixture
def trust(monkeypatch):
    """Make the files of a folder pass for the official ones."""

    def set_sums(name, folder):
        edition = cifar.EDITIONS[name]
        sums = {file: hashlib.md5((folder / file).read_bytes()).hexdigest() for file in edition.files}
        parts = {part: {file: sums[file] for file in getattr(edition, part)} for part in ("train", "test", "meta")}
        monkeypatch.setitem(cifar.EDITIONS, name, dataclasses.replace(edition, **parts))

    return set_sums


def load_unverified(*args, **kwargs):
    with pytest.warns(UserWarning, match="used unverified"):
        return load(*args, **kwargs)


def check_content(data, name):
    expected = entries(name)
    train = [values for file, values in expected.items() if file.startswith(("data_batch", "train"))]
    test = next(values for file, values in expected.items() if file.startswith("test"))
    key = "labels" if name == "cifar10" else "fine_labels"
    for split, batches in ((data.train, train), (data.test, [test])):
        pixels = np.concatenate([values["data"] for values in batches]).reshape(-1, 3, 32, 32)
        assert torch.equal(split.images, torch.from_numpy(pixels)) and split.images.dtype == torch.uint8
        assert split.labels.tolist() == [label for values in batches for label in values[key]]
        assert split.labels.dtype == torch.int64 and split.posterior is None
    assert data.name == name and data.num_classes == len(set(data.class_names))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dump", [python2, *map(python3, (0, 2, 4, 5))], ids=["python2", "0", "2", "4", "5"])
def test_files_of_every_python_give_the_same_images(tmp_path, name, dump):
    write_folder(tmp_path, name, dump)
    check_content(load_unverified(name, tmp_path), name)


def test_byte_keys_from_python_3(tmp_path):
    content = {
        file: {key.encode(): value for key, value in values.items()} for file, values in entries("cifar10").items()
    }
    write_folder(tmp_path, "cifar10", python3(3), content)
    check_content(load_unverified("cifar10", tmp_path), "cifar10")


def test_names_and_groups_of_cifar100(tmp_path):
    write_folder(tmp_path, "cifar100")
    data = load_unverified("cifar100", tmp_path)
    assert data.class_names[7] == "fine 7" and data.group_names[3] == "coarse 3"
    assert torch.equal(data.groups, torch.arange(100) // 5)


def test_cifar10_has_no_groups(tmp_path):
    write_folder(tmp_path, "cifar10")
    data = load_unverified("cifar10", str(tmp_path))
    assert data.class_names[7] == "class 7" and data.groups is None and data.group_names is None


@pytest.mark.parametrize("name", NAMES)
def test_archive_and_direct_paths(tmp_path, name):
    archive = write_archive(tmp_path, name)
    moved = tmp_path / "elsewhere" / "renamed.tgz"
    folder = write_folder(tmp_path / "other", name)
    moved.parent.mkdir()
    shutil.copy(archive, moved)
    for path in (tmp_path, archive, moved, folder, folder.parent):
        check_content(load_unverified(name, path), name)


PLACES = {
    "unpacked by a browser": lambda here, name: write_archive(here, name, ending=".tar"),
    "shortened": lambda here, name: write_archive(here, name, ending=".tgz"),
    "a folder in itself": lambda here, name: write_folder(here / FOLDERS[name], name),
    "a folder in a folder": lambda here, name: write_folder(here / "my downloads", name),
    "a folder in itself in a folder": lambda here, name: write_folder(here, name).rename(here / "mine").parent,
    "an archive in a folder": lambda here, name: write_archive(here / "my downloads", name),
    "a .tar in a folder": lambda here, name: write_archive(here / "my downloads", name, ending=".tar"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", PLACES)
def test_files_are_found_as_people_have_them(tmp_path, name, place):
    (tmp_path / "another folder").mkdir()
    found = PLACES[place](tmp_path, name)
    for path in (tmp_path, found):
        check_content(load_unverified(name, path), name)


def test_a_folder_with_the_name_of_one_file_is_not_taken_for_the_data(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "train").write_text("a script")
    with pytest.raises(FileNotFoundError, match="CIFAR-100 was not found at"):
        load("cifar100", tmp_path)


def test_reading_an_archive_writes_nothing_wherever_its_members_point(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    archive = write_archive(inner, "cifar10", prefix="../escape/")
    before = sorted(tmp_path.rglob("*"))
    check_content(load_unverified("cifar10", archive), "cifar10")
    assert sorted(tmp_path.rglob("*")) == before


def test_links_in_an_archive_are_not_followed(tmp_path):
    content = entries("cifar10")
    target = tmp_path / "secret"
    target.write_bytes(python2(content.pop("test_batch")))
    path = write_archive(tmp_path, "cifar10", content=content)
    members = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=members, mode="w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        link = tarfile.TarInfo("cifar-10-batches-py/test_batch")
        link.type, link.linkname = tarfile.SYMTYPE, str(target)
        new.addfile(link)
    path.write_bytes(members.getvalue())
    with pytest.raises(FileNotFoundError, match="lacks test_batch"):
        load("cifar10", tmp_path)


def test_a_half_extracted_folder_gives_way_to_the_archive(tmp_path):
    folder = write_folder(tmp_path, "cifar10")
    (folder / "data_batch_4").unlink()
    with pytest.raises(FileNotFoundError, match="cifar-10-batches-py lacks data_batch_4 of the official CIFAR-10"):
        load("cifar10", tmp_path)
    write_archive(tmp_path, "cifar10")
    check_content(load_unverified("cifar10", tmp_path), "cifar10")


@pytest.mark.parametrize("name", NAMES)
def test_official_files_load_without_a_warning(tmp_path, name, trust):
    trust(name, write_folder(tmp_path, name))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_content(load(name, tmp_path), name)


def test_one_warning_names_the_file_that_differs_and_points_at_the_caller(tmp_path, trust):
    folder = write_folder(tmp_path, "cifar10")
    trust("cifar10", folder)
    changed = entries("cifar10")["data_batch_2"]
    changed["data"][0, 0] ^= 1
    (folder / "data_batch_2").write_bytes(python2(changed))
    with pytest.warns(UserWarning) as caught:
        load("cifar10", tmp_path)
    assert [warning.filename for warning in caught] == [__file__]
    assert str(caught[0].message).startswith(f"{folder / 'data_batch_2'}: MD5 is not that of the official CIFAR-10")


def test_several_unverified_files_share_one_warning(tmp_path):
    write_folder(tmp_path, "cifar10")
    with pytest.warns(UserWarning, match=r"batches\.meta and 6 more: MD5") as caught:
        load("cifar10", tmp_path)
    assert len(caught) == 1


def test_the_warning_is_shown_once_for_a_line_that_runs_twice(tmp_path):
    write_folder(tmp_path, "cifar10")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(2):
            load("cifar10", tmp_path)
    assert len(caught) == 1


@pytest.mark.parametrize("name", NAMES)
def test_missing_files_say_the_three_ways_on(tmp_path, name, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: pytest.fail("went to the network unasked"))
    with pytest.raises(FileNotFoundError) as caught:
        load(name, tmp_path / "nowhere")
    for hint in (FOLDERS[name], ARCHIVES[name], str(tmp_path / "nowhere"), "--download", "synthetic100"):
        assert hint in str(caught.value)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_file_is_an_error_that_names_it(tmp_path, name):
    folder = write_folder(tmp_path, name)
    for file in cifar.EDITIONS[name].files:
        whole = (folder / file).read_bytes()
        for length in (0, 1, len(whole) // 2, len(whole) - 1):
            (folder / file).write_bytes(whole[:length])
            with pytest.raises(ValueError, match=f"{file} is cut short or damaged"):
                load(name, tmp_path)
        (folder / file).write_bytes(whole)


@pytest.mark.parametrize(("ending", "trailer"), [(".tar.gz", 8), (".tar", 10_240)])
def test_a_cut_archive_is_an_error_that_names_it(tmp_path, ending, trailer):
    archive = write_archive(tmp_path, "cifar10", ending=ending)
    whole = archive.read_bytes()
    for length in (0, 1, 9, 30, 1000, len(whole) // 2, len(whole) - trailer - 1):
        archive.write_bytes(whole[:length])
        with pytest.raises((ValueError, FileNotFoundError), match=rf"cifar-10-python\{ending} (is cut short|lacks)"):
            load("cifar10", tmp_path)


def test_a_damaged_archive_is_an_error_that_names_it(tmp_path):
    archive = write_archive(tmp_path, "cifar10")
    whole = bytearray(archive.read_bytes())
    whole[-6] ^= 1  # in gzip's check sum, as if a bit of the pixels had flipped
    archive.write_bytes(whole)
    with pytest.raises(ValueError, match=r"cifar-10-python\.tar\.gz is .*damaged"):
        load("cifar10", tmp_path)


def test_a_web_page_saved_as_the_archive_is_an_error(tmp_path):
    (tmp_path / "cifar-10-python.tar.gz").write_text("<html>Please log in</html>")
    with pytest.raises(ValueError, match=r"not a \.tar\.gz"):
        load("cifar10", tmp_path)


def test_an_archive_that_lacks_a_file_says_which(tmp_path):
    content = entries("cifar100")
    del content["test"]
    write_archive(tmp_path, "cifar100", content=content)
    with pytest.raises(FileNotFoundError, match="lacks test of the official CIFAR-100 files"):
        load("cifar100", tmp_path)


def test_an_archive_with_a_giant_member_is_refused_before_reading_it(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "_LARGEST_FILE", 1000)
    write_archive(tmp_path, "cifar10")
    with pytest.raises(ValueError, match=r"claims \d+ bytes"):
        load("cifar10", tmp_path)


class RunsOnLoad:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("writer", [write_folder, write_archive])
@pytest.mark.parametrize("file", ["batches.meta", "data_batch_3", "test_batch"])
def test_a_malicious_file_raises_and_creates_nothing(tmp_path, writer, file):
    content, marker = entries("cifar10"), tmp_path / "created"
    content[file] = pickle.dumps({**content[file], "extra": RunsOnLoad(marker)})
    writer(tmp_path, "cifar10", content=content)
    with pytest.raises(ValueError, match=rf"{file} is not a file of plain data: it asks to run \w+\.mkdir"):
        load("cifar10", tmp_path)
    assert not marker.exists()


WRONG = {
    "narrow rows": ({"data": np.zeros((20, 3071), np.uint8)}, r"data must be uint8 of shape \(20, 3072\)"),
    "images missing": ({"data": np.zeros((19, 3072), np.uint8)}, r"got uint8, \(19, 3072\)"),
    "wider integers": ({"data": np.zeros((20, 3072), np.int64)}, r"got int64, \(20, 3072\)"),
    "no array": ({"data": [1, 2]}, "got no array, list"),
    "labels missing": ({"labels": [0] * 19}, r"data must be uint8 of shape \(19, 3072\)"),
    "label too large": ({"labels": [0] * 19 + [10]}, "labels must be from 0 to 9, got 10"),
    "label negative": ({"labels": [-1] + [0] * 19}, "labels must be from 0 to 9, got -1"),
    "label a float": ({"labels": [0.0] * 20}, "labels must be a list of ints"),
    "label a bool": ({"labels": [True] * 20}, "labels must be a list of ints"),
    "no labels": ({"labels": None}, "labels must be a list of ints, got None"),
    "empty": ({"labels": [], "data": np.zeros((0, 3072), np.uint8)}, "labels must be a list of ints"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_content_is_an_error_that_names_the_file(tmp_path, fault):
    changes, message = WRONG[fault]
    content = entries("cifar10")
    content["data_batch_5"].update(changes)
    write_folder(tmp_path, "cifar10", content=content)
    with pytest.raises(ValueError, match=f"data_batch_5: .*{message}"):
        load("cifar10", tmp_path)


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        ("meta", {"fine_label_names": ["a"] * 99}, "fine_label_names must be a list of 100 names"),
        ("meta", {"coarse_label_names": None}, "coarse_label_names must be a list of 20 names, got None"),
        ("train", {"coarse_labels": [20] * 200}, "coarse_labels must be from 0 to 19, got 20"),
        ("train", {"coarse_labels": [0] * 199}, "199 coarse_labels for 200 fine_labels"),
        ("train", {"coarse_labels": [0] * 199 + [1]}, "more than one of the coarse_labels"),
    ],
)
def test_wrong_superclasses_are_an_error_that_names_the_file(tmp_path, file, changes, message):
    content = entries("cifar100")
    content[file].update(changes)
    write_folder(tmp_path, "cifar100", content=content)
    with pytest.raises(ValueError, match=f"{file}: .*{message}|{file}: {message}"):
        load("cifar100", tmp_path)


def test_labels_may_come_as_an_array(tmp_path):
    content = entries("cifar10")
    for values in content.values():
        if "labels" in values:
            values["labels"] = np.array(values["labels"])
    write_folder(tmp_path, "cifar10", python3(4), content)
    check_content(load_unverified("cifar10", tmp_path), "cifar10")


def test_images_can_be_written_to(tmp_path):
    write_folder(tmp_path, "cifar10")
    data = load_unverified("cifar10", tmp_path)
    data.train.images.zero_()
    assert data.train.images.sum() == 0
