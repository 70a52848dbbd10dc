"""Files as people have them, from the command line: what works, and faults as one line of plain words."""

import json
import re

import numpy as np
import pytest

from topk_lib.__main__ import main
from topk_lib.experiments.data import load_embeddings

from .made_photos import picture, save

RUN = ["--model", "linear", "--epochs", "1", "--batch-size", "4", "--device", "cpu"]


def run(command, *options):
    return main([command, *map(str, options)])


@pytest.fixture
def photos(tmp_path):
    """Three photos of each of two classes, of three sizes, to train on, and one of each to validate with."""
    for name in ("cat", "dog"):
        for i in range(3):
            save(tmp_path / "photos" / "train" / name / f"{i}.JPG", picture(i, (40 + i, 30)))
        save(tmp_path / "photos" / "val" / name / "0.webp", picture(5, (50, 30)))
    return tmp_path / "photos"


def test_photos_of_several_sizes_are_trained_on_compared_and_embedded(photos, tmp_path, capsys):
    data = ["--dataset", f"folder:{photos}", "--size", 16]
    assert run("train", *data, "--loss", "ce", *RUN, "--out", tmp_path / "a") == 0
    record = json.loads((tmp_path / "a" / "result.json").read_text())
    assert (record["config"]["size"], record["data"]["image_shape"]) == (16, [3, 16, 16])
    assert run("train", "--config", tmp_path / "a" / "result.json", "--out", tmp_path / "b") == 0
    repeated = json.loads((tmp_path / "b" / "result.json").read_text())
    assert repeated["config"] == record["config"] and repeated["final"] == record["final"]
    grid = ["--p-k", ".5", ".5", "--lr", ".1", ".01", "--download", "--out", tmp_path / "grid"]
    assert run("compare", *data, *RUN, *grid) == 0
    runs = [json.loads(path.read_text()) for path in (tmp_path / "grid").rglob("*-seed-*.json")]
    assert len(runs) == 6 and {each["config"]["size"] for each in runs} == {16}
    assert run("embed", "--run", tmp_path / "a", *data, "--out", tmp_path / "x.npz") == 0
    assert load_embeddings(tmp_path / "x.npz").dimensions == 3 * 16 * 16
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--dataset folder:PHOTOS", r"1.JPG has 41x30 pixels, but PHOTOS/train/cat/0.JPG has 40x30; .* --size 64"),
        ("--dataset folder:PHOTOS --size 0", "--size must be at least 1, got 0"),
        ("--dataset folder:PHOTOS/train --size 9", "PHOTOS looks right: folder:PHOTOS"),
        ("--dataset synthetic100 --size 9", "--size must be left out unless dataset is folder:PATH, got 9 with"),
        ("--dataset embeddings:X.npz --size 9", "--size must be left out unless dataset is folder:PATH, got 9"),
    ],
)
def test_faults_of_photos_are_one_line(photos, tmp_path, words, message, capsys):
    options = words.replace("PHOTOS", photos.as_posix()).split()
    assert run("train", *options, "--loss", "ce", *RUN, "--out", tmp_path / "out") == 2
    check(capsys.readouterr().err, message.replace("PHOTOS", photos.as_posix()))


@pytest.mark.filterwarnings("default")
def test_what_is_left_out_is_a_line_and_training_goes_on(photos, tmp_path, capsys):
    (photos / "train" / "cat" / "x.jpg").write_bytes(b"no image")
    words = ["--dataset", f"folder:{photos}", "--size", 16, "--loss", "ce", *RUN, "--out", tmp_path / "out"]
    assert run("train", *words) == 0
    check(capsys.readouterr().err, "warning: .*photos: 1 left out: .*x.jpg cannot be read as an image")


LABELS = np.array([0, 1, 2, 0])
FAULTS = {
    "labels must number the classes, from 0 to 99999, got 10000000000000 in row 1: there are 8 embeddings": {
        "train_labels": np.array([0, 10**13, 1, 2])
    },
    "got 1000000000 in row 3: there are 8 embeddings": {"test_labels": np.array([0, 1, 2, 10**9], ">i8")},
    "labels must be 0 or larger, got -1 in row 2": {"train_labels": np.array([0, 1, -1, 2])},
    "must have as many labels as embeddings, got 3 and 4": {"test_labels": LABELS[:3]},
    "must be finite, got 12 numbers that are not, the first in row 0": {"train_embeddings": np.full((4, 3), np.inf)},
    r"must be an array of numbers, got ndarray of \\|V1": {"train_embeddings": np.zeros((4, 3), "V1")},
}


@pytest.mark.parametrize("message", FAULTS)
def test_faults_of_embeddings_are_one_line(tmp_path, message, capsys):
    usual = {"train_labels": LABELS, "test_labels": LABELS, "train_embeddings": np.ones((4, 3))}
    np.savez(tmp_path / "x.npz", **{**usual, "test_embeddings": np.ones((4, 3)), **FAULTS[message]})
    words = ["--dataset", f"embeddings:{tmp_path / 'x.npz'}", "--loss", "ce", "--out", tmp_path / "out"]
    assert run("train", *words) == 2
    check(capsys.readouterr().err, message)


def check(said, message):
    """One line, and the one that is expected."""
    assert said.count("\n") == 1 and said.startswith("python -m topk_lib train: ")
    assert re.search(message, said), said
