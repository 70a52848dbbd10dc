"""`train --dataset embeddings:FILE`: a head, its record, the paper's recipe, and what has no meaning without images."""

import json

import pytest
import torch
from torch.nn import CrossEntropyLoss

from topk_lib.__main__ import main
from topk_lib.experiments import evaluate, load_model
from topk_lib.experiments.data import draw_embeddings, load_embeddings, save_embeddings

from .heads import fit_head
from .test_killed import without_times


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """40 classes in 200 embeddings."""
    data = draw_embeddings(40, 200, 60, dimensions=6, group_spread=2.0, class_spread=1.0).data
    return save_embeddings(tmp_path_factory.mktemp("embeddings") / "some.npz", data)


def run(file, *options):
    try:
        return main(["train", "--dataset", f"embeddings:{file}", "--device", "cpu", *map(str, options)])
    except SystemExit as end:
        return end.code


def result(folder):
    return json.loads((folder / "result.json").read_text())


def test_a_head_is_trained_and_its_record_is_like_that_of_a_network(file, tmp_path, capsys):
    options = ["--loss", "topk", "--m", 16, "--p-k", ".5", "0", "0", "0", ".5", "--epochs", 2, "--batch-size", 50]
    assert run(file, *options, "--seed", 3, "--out", tmp_path) == 0
    record = result(tmp_path)
    assert {"config", "versions", "epochs", "train_seconds", "final"} <= set(record)
    assert set(record["final"]) == {"top1", "top2", "top3", "top5"} and len(record["epochs"]) == 2
    config = record["config"]
    assert (config["loss"], config["m"], config["p_k"]) == ("topk", 16, [0.5, 0.0, 0.0, 0.0, 0.5])
    assert (config["lr"], config["batch_size"], config["seed"], config["epochs"]) == (1e-3, 50, 3, 2)
    assert (config["dataset"], config["sorter"]) == (f"embeddings:{file}", "splitter_selection")
    head = load_model(tmp_path)
    assert evaluate(head, load_embeddings(file).test) == record["final"]
    out = capsys.readouterr().out
    assert "Training linear on 200 embeddings of 40 classes" in out and f"Written: {tmp_path / 'result.json'}" in out


def test_the_command_trains_what_fit_head_trains(file, tmp_path):
    assert run(file, "--loss", "ce", "--epochs", 3, "--lr", 0.02, "--quiet", "--out", tmp_path) == 0
    head, record = fit_head(load_embeddings(file), CrossEntropyLoss(), epochs=3, lr=0.02, device="cpu")
    assert result(tmp_path)["final"] == record["final"]
    assert all(torch.equal(a, b) for a, b in zip(load_model(tmp_path).parameters(), head.parameters(), strict=True))


@pytest.mark.parametrize("loss", ["ce", "topk"])
def test_a_head_is_repeated_from_its_result(file, tmp_path, loss):
    settings = ["--loss", loss, "--recipe", "paper", "--epochs", 2, "--seed", 3, "--quiet"]
    assert run(file, *settings, "--out", tmp_path / "a") == 0
    again = ["--config", tmp_path / "a" / "result.json", "--out", tmp_path / "b", "--quiet"]
    assert main(["train", *map(str, again)]) == 0
    assert without_times(result(tmp_path / "a")) == without_times(result(tmp_path / "b"))


@pytest.mark.parametrize(("classes", "lr", "m"), [(40, 10**-4.5, 16), (1005, 1e-4, 50)])
def test_the_papers_recipe_depends_on_the_number_of_classes(tmp_path, classes, lr, m):
    data = draw_embeddings(classes, 20, 9, dimensions=4).data
    data.test.labels[0] = classes - 1
    file = save_embeddings(tmp_path / "x.safetensors", data)
    assert run(file, "--loss", "topk", "--recipe", "paper", "--epochs", 1, "--quiet", "--out", tmp_path / "topk") == 0
    config = result(tmp_path / "topk")["config"]
    assert (config["lr"], config["m"], config["batch_size"]) == (lr, m, 500)
    assert (config["distribution"], config["steepness"], config["art_lambda"]) == ("logistic_phi", 1.0, 0.5)
    own = ["--m", 20, "--sorter", "softsort", "--lr", 0.5]
    assert run(file, "--loss", "topk", "--recipe", "paper", "--epochs", 1, *own, "--out", tmp_path / "own") == 0
    config = result(tmp_path / "own")["config"]
    assert (config["lr"], config["m"], config["sorter"], config["distribution"]) == (0.5, 20, "softsort", None)
    assert run(file, "--loss", "ce", "--recipe", "paper", "--epochs", 1, "--out", tmp_path / "ce") == 0
    assert result(tmp_path / "ce")["config"]["lr"] == lr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (
            "--loss ce --model resnet18",
            "--model must be linear, small_mlp or large_mlp for samples of shape (6,), got",
        ),
        ("--loss ce --train-size 5", "--train-size must be left out with embeddings"),
        ("--loss ce --size 5", "--size must be left out unless dataset is folder:PATH"),
        ("--loss ce --crop-padding 2", "--crop-padding must be 0 for embeddings, which are no images, got 2"),
        ("--loss ce --flip", "--flip must be false for embeddings, which are no images, got True"),
        ("--loss ce --resume --overwrite", "--resume must be left out with --overwrite"),
        ("--loss ce --checkpoint-every -1", "every must be positive and finite, got -1.0"),
        ("--loss ce --recipe modern", "--recipe must be fast or paper on vectors, as 'embeddings:"),
        ("--loss ce --m 5", "--m must be left out unless loss='topk'"),
        ("--loss topk --m 41", "--m must be at most the number of classes, got m=41 for n=40"),
        ("--loss topk --lr 0", "--lr must be positive and finite"),
        ("--loss ce --device gpu", "--device must be auto or one that this machine has"),
        ("--loss ce --dataset embeddings:", "--dataset must be embeddings:FILE"),
        ("--loss ce --dataset embeddings:nowhere.npz", "nowhere.npz is missing"),
    ],
)
def test_bad_input_is_one_line_that_names_the_option(file, tmp_path, options, named, capsys):
    assert run(file, *options.split(), "--out", tmp_path) == 2
    printed = capsys.readouterr()
    assert named in printed.err and printed.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_is_there_is_refused_before_anything_is_read(tmp_path, capsys):
    (tmp_path / "result.json").write_text("mine")
    assert run("nowhere.npz", "--loss", "ce", "--out", tmp_path) == 2
    assert "--overwrite" in capsys.readouterr().err and (tmp_path / "result.json").read_text() == "mine"


def test_divergence_says_so_and_leaves_nothing(file, tmp_path, capsys):
    assert run(file, "--loss", "ce", "--lr", "1e37", "--batch-size", 20, "--quiet", "--out", tmp_path / "run") == 1
    assert "smaller learning rate" in capsys.readouterr().err and not (tmp_path / "run").exists()
