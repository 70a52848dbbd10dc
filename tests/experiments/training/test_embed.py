"""Embedding: the file holds what the body says, in order, and whatever goes wrong has a name and leaves no file."""

import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from topk_lib.__main__ import main
from topk_lib.experiments import Config, embed, load_model, predict_logits, save_run
from topk_lib.experiments import run as run_config
from topk_lib.experiments.data import load_embeddings, synthetic100
from topk_lib.experiments.embedding import import_module, run_body
from topk_lib.experiments.models import SmallCNN

from .tiny import tiny_data

DATA = tiny_data(train=50, test=23)
SOME = ["--dataset", "synthetic100", "--train-size", "40", "--test-size", "30", "--device", "cpu"]


class Mean(nn.Module):
    """(B, 3, H, W) -> (B, 3, 1, 1): simple enough to be worked out by hand, and different while training."""

    def forward(self, images):
        return images.float().mean((2, 3), keepdim=True) + 1000 * self.training


def means(split):
    return split.images.float().mean((2, 3))


def run(*arguments):
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code


@pytest.mark.parametrize("name", ["x.npz", "x.safetensors"])
def test_the_file_holds_features_and_labels_of_every_image_in_order(tmp_path, name):
    seen = []
    path = embed(Mean(), DATA, tmp_path / name, batch_size=16, device="cpu", on_batch=lambda *news: seen.append(news))
    read = load_embeddings(path)
    for found, split in ((read.train, DATA.train), (read.test, DATA.test)):
        torch.testing.assert_close(found.features, means(split))
        assert torch.equal(found.labels, split.labels)
    assert seen == [(16, 73), (32, 73), (48, 73), (50, 73), (66, 73), (73, 73)]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_features_are_stored_in_the_type_that_is_asked_for(tmp_path, dtype):
    read = load_embeddings(embed(Mean(), DATA, tmp_path / "x.safetensors", dtype=dtype, device="cpu"))
    assert read.test.features.dtype == getattr(torch, dtype)
    assert torch.equal(read.test.features, means(DATA.test).to(getattr(torch, dtype)))


def test_loaders_bring_data_of_any_kind(tmp_path):
    sets = [TensorDataset(split.images.float() / 255, split.labels) for split in (DATA.train, DATA.test)]
    path = embed(Mean(), tuple(DataLoader(each, batch_size=7) for each in sets), tmp_path / "x.npz", device="cpu")
    read = load_embeddings(path)
    torch.testing.assert_close(read.train.features, means(DATA.train) / 255)
    assert torch.equal(read.test.labels, DATA.test.labels)
    short = tuple(DataLoader(each, batch_size=7, drop_last=True) for each in sets)
    with pytest.raises(ValueError, match="train_embeddings must have 50 rows, got 49"):
        embed(Mean(), short, tmp_path / "y.npz", device="cpu")
    assert not (tmp_path / "y.npz").exists()


def test_no_more_than_a_batch_waits_to_be_written(tmp_path, monkeypatch):
    """Each batch is asked of the body only after the one before has gone to the file."""
    from topk_lib.experiments.data import array_files

    events, pour = [], array_files._pour

    def watched(file, name, rows):
        class Watching:
            def write(self, data):
                events.append("written")
                return file.write(data)

        pour(Watching(), name, rows)

    monkeypatch.setattr(array_files, "_pour", watched)
    body = Mean()
    body.register_forward_hook(lambda *_: events.append("computed"))
    embed(body, DATA, tmp_path / "x.safetensors", batch_size=25, device="cpu")
    assert events == ["computed"] * 2 + ["computed", "written"] * 2 + ["written"] * 2 + ["computed", "written"] + [
        "written"
    ]


def test_an_interrupted_embedding_leaves_nothing(tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed(Mean(), DATA, tmp_path / "x.npz", device="cpu", on_batch=interrupt)
    assert list(tmp_path.iterdir()) == []


class Answers(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def forward(self, images):
        return self.answer(images)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: x, r"module must return floating-point features of shape \(1, ...\), got torch.uint8"),
        (lambda x: x.float().mean(), r"got torch.float32 of shape \(\)"),
        (lambda x: (x,), "module must return a tensor of features, got tuple"),
        (lambda x: x.float() / 0, "finite as torch.float16"),
        (lambda x: 70_000 + x.float(), "finite as torch.float16"),
        (nn.Linear(3, 3), r"module must take inputs of these data, torch.uint8 \(1, 3, 16, 16\); it says: mat1"),
    ],
)
def test_a_module_that_cannot_be_used_is_named(tmp_path, answer, message):
    with pytest.raises(ValueError, match=message):
        embed(Answers(answer), DATA, tmp_path / "x.npz", dtype="float16", device="cpu")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept_unless_it_may_be_replaced(tmp_path):
    (tmp_path / "x.npz").write_text("mine")
    with pytest.raises(FileExistsError, match=r"x\.npz exists"):
        embed(Mean(), DATA, tmp_path / "x.npz", device="cpu")
    assert (tmp_path / "x.npz").read_text() == "mine"
    assert len(load_embeddings(embed(Mean(), DATA, tmp_path / "x.npz", device="cpu", overwrite=True)).train) == 50


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run of the small network on synthetic100."""
    folder = tmp_path_factory.mktemp("run")
    config = Config(epochs=1, batch_size=40, train_size=80, test_size=20, device="cpu", precision="float32")
    save_run(folder, *run_config(config, synthetic100(train_size=80, test_size=20)))
    return folder


def test_the_body_of_a_run_and_its_last_layer_are_the_network(trained):
    images, network = synthetic100(train_size=1, test_size=9).test.images, load_model(trained)
    features = predict_logits(run_body(trained), images)
    assert features.shape == (9, 128)
    torch.testing.assert_close(predict_logits(network[1][-1], features), predict_logits(network, images))


@pytest.mark.parametrize("name", ["x.npz", "x.safetensors"])
def test_the_command_stores_what_the_network_of_a_run_says(trained, tmp_path, name, capsys):
    path = tmp_path / name
    assert run("embed", "--run", trained, *SOME, "--out", path) == 0
    data, read = synthetic100(train_size=40, test_size=30), load_embeddings(path)
    torch.testing.assert_close(read.test.features, predict_logits(run_body(trained), data.test.images))
    assert torch.equal(read.train.labels, data.train.labels)
    assert f"train --dataset embeddings:{path} --loss ce --out DIR" in capsys.readouterr().out
    assert run("embed", "--run", trained, *SOME, "--out", path) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert run("embed", "--run", trained, *SOME, "--out", path, "--overwrite", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_command_takes_any_module_with_its_weights(tmp_path):
    torch.manual_seed(5)
    network = SmallCNN(4, width=8).eval()
    torch.save(network.state_dict(), tmp_path / "weights.pt")
    (tmp_path / "mynet.py").write_text(
        "from topk_lib.experiments.models import SmallCNN\ndef body():\n    return SmallCNN(4, width=8)\n"
    )
    command = [sys.executable, "-m", "topk_lib", "embed", "--module", "mynet:body", "--weights", "weights.pt", *SOME]
    command += ["--mean", ".5", ".4", ".3", "--std", ".2", ".3", ".4", "--out", "x.npz"]
    path = {"PYTHONPATH": ":".join(sys.path), "PATH": ""}
    subprocess.run(command, cwd=tmp_path, env=path, check=True, timeout=120)
    images = synthetic100(train_size=40, test_size=30).test.images / 255
    images = (images - torch.tensor([0.5, 0.4, 0.3])[:, None, None]) / torch.tensor([0.2, 0.3, 0.4])[:, None, None]
    found = load_embeddings(tmp_path / "x.npz").test.features
    torch.testing.assert_close(found, network(images).detach(), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--run RUN --module a:b", "not allowed with argument"),
        ("", "one of the arguments --run --module is required"),
        ("--run nowhere", "nowhere"),
        ("--run RUN --weights x", "--weights must be left out unless --module is given, got 'x' with --run"),
        ("--run RUN --mean 1 1 1", "--mean must be left out unless --module is given"),
        ("--run RUN --out x.pt", "path must end in .npz or .safetensors, got 'x.pt'"),
        ("--run RUN --out x.npz --dtype bfloat16", "path must end in .safetensors to hold bfloat16"),
        ("--run RUN --dtype int8", "--dtype: invalid choice: 'int8'"),
        ("--run RUN --batch-size 0", "--batch-size must be at least 1, got 0"),
        ("--run RUN --device gpu", "--device must be auto or one that this machine has"),
        ("--run RUN --dataset nothing", "--dataset must be one of"),
        ("--run RUN --dataset blobs", "--dataset must hold images, got 'blobs', which holds"),
        ("--module torch", "module must be PACKAGE.MODULE:NAME, got 'torch'"),
        ("--module nothing.like.it:x", "No module named 'nothing'"),
        ("--module torch.nn:Nothing", "module torch.nn has no 'Nothing'"),
        ("--module math:pi", "module must name a network or what makes one, got 'math:pi'"),
        ("--module torch.nn:Identity --weights nowhere.pt", "nowhere.pt"),
        ("--module torch.nn:Identity --weights RUN/model.pt", "weights must be a state_dict of torch.nn:Identity"),
        ("--module torch.nn:Linear", "missing 2 required positional arguments"),
    ],
)
def test_bad_input_is_one_line_that_names_the_option(trained, tmp_path, options, named, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = options.replace("RUN", str(trained)).split()
    defaults = [] if "--out" in options else ["--out", "x.safetensors"]
    assert run("embed", *SOME, *defaults, *options) == 2
    printed = capsys.readouterr()
    assert named in printed.err and printed.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_module_may_be_named_itself():
    assert import_module("topk_lib.experiments.models:Normalize") is not import_module(
        "topk_lib.experiments.models:Normalize"
    )
