"""A data set, a model, a loss and a sorter of one's own: registered in one file, and found everywhere at once."""

import json

import pytest
import torch
from torch import nn

from topk_lib import SORTERS, SoftSort
from topk_lib.__main__ import main
from topk_lib.experiments import Config, run
from topk_lib.experiments.config import all_settings
from topk_lib.experiments.data import DATASETS
from topk_lib.experiments.models import MODELS, make_model, register_model
from topk_lib.losses import LOSSES, loss_settings

from .tiny import tiny_data

QUICK = ["--epochs", "1", "--batch-size", "16", "--lr", ".01", "--device", "cpu", "--quiet"]


class ScaledLoss(nn.Module):
    """Cross-entropy times a number.

    Args:
        boldness: the number.
    """

    def __init__(self, boldness: float = 1.0) -> None:
        super().__init__()
        self.boldness = boldness

    def forward(self, logits, target):
        return self.boldness * nn.functional.cross_entropy(logits, target)


class SofterSort(SoftSort):
    """SoftSort, named anew.

    Args:
        temperature: as of SoftSort.
        gentleness: what it is multiplied by.
    """

    def __init__(self, temperature: float = 1.0, gentleness: float = 2.0) -> None:
        super().__init__(temperature * gentleness)
        self.gentleness = gentleness


def bars(seed, train_size, test_size, *, classes: int = 6):
    """Bars.

    Args:
        classes: how many.
    """
    return tiny_data(classes, train_size or 96, test_size or 23, seed=seed)


@pytest.fixture
def toys():
    LOSSES.register("scaled", "scaled cross-entropy")(ScaledLoss)
    SORTERS.register("softersort", "SofterSort")(SofterSort)
    DATASETS.register("bars")(bars)
    register_model("pixel")(
        lambda classes, shape: nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(shape).numel(), classes))
    )
    yield
    LOSSES.remove("scaled")
    SORTERS.remove("softersort")
    DATASETS.remove("bars")
    del MODELS["pixel"]


def test_they_train_by_name_from_the_command_line_with_their_own_settings(toys, tmp_path):
    words = ["--dataset", "bars", "--classes", "7", "--model", "pixel", *QUICK]
    assert main(["train", *words, "--loss", "scaled", "--boldness", "3", "--out", str(tmp_path / "a")]) == 0
    record = json.loads((tmp_path / "a" / "result.json").read_text())
    assert (record["config"]["boldness"], record["config"]["classes"], record["data"]["classes"]) == (3.0, 7, 7)
    own = ["--loss", "topk", "--sorter", "softersort", "--gentleness", "4"]
    assert main(["train", *words, *own, "--out", str(tmp_path / "b")]) == 0
    assert json.loads((tmp_path / "b" / "result.json").read_text())["config"]["gentleness"] == 4.0


def test_the_help_names_them_and_their_settings(toys, capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for part in ("scaled", "softersort", "pixel", "--boldness B the number (default: 1.0) [scaled]", "--classes"):
        assert part in text, part


def test_a_grid_compares_and_tunes_them_and_the_report_names_them(toys, tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(
        'dataset = "bars"\nmodel = "pixel"\nepochs = 1\nbatch_size = 16\nlr = 0.01\nseeds = 2\ndevice = "cpu"\n'
        "validation = 12\n"
        '[[loss]]\nname = "plain"\nloss = "ce"\n'
        '[[loss]]\nname = "bold"\nloss = "scaled"\nboldness = 2.0\n'
        '[[loss]]\nname = "soft"\nsorter = "softersort"\n'
    )
    assert main(["compare", "--grid", str(tmp_path / "grid.toml"), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "bars: 96 training and 23 test images" in printed
    assert all(f"\n{name} " in printed for name in ("plain", "bold", "soft"))


def test_python_finds_them_too_and_wrong_settings_are_named(toys):
    assert {"boldness", "gentleness", "classes"} <= set(all_settings()) and "boldness" in loss_settings("scaled")
    assert make_model("pixel", 3, (5,))[1].in_features == 5
    record = run(Config("bars", loss="scaled", model="pixel", epochs=1, batch_size=16, device="cpu")).record
    assert record["config"]["boldness"] == 1.0
    with pytest.raises(ValueError, match=r"boldness must be left out unless loss='scaled', got 2.0 with loss='ce'"):
        Config("bars", boldness=2.0)
    with pytest.raises(ValueError, match="classes must be left out unless dataset is bars, got 3 with 'cifar10'"):
        Config("cifar10", classes=3)


def test_what_is_gone_is_found_nowhere():
    assert "boldness" not in all_settings() and "scaled" not in LOSSES and "bars" not in DATASETS


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_loss_of_the_library_trains_by_its_name(name):
    config = Config(dataset="blobs", loss=name, epochs=1, train_size=1000, test_size=500)
    again = Config(**config.resolved())
    records = [run(each).record for each in (config, again)]
    assert records[0]["final"] == records[1]["final"] and records[0]["config"] == records[1]["config"]
    assert records[0]["final"]["top5"] > 5 / 100


@pytest.mark.parametrize("name", list(SORTERS))
def test_every_sorter_of_the_library_trains_by_its_name(name):
    settings = {"temperature": 4.0, "max_iterations": 20, "m": 8} if name == "sinkhorn" else {}
    config = Config(dataset="blobs", loss="topk", sorter=name, epochs=1, train_size=1000, test_size=500, **settings)
    assert Config(**config.resolved()) == config
    assert run(config).record["final"]["top5"] > 5 / 100
