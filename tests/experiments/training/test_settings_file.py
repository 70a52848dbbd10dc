"""Settings from a file: TOML, or the result of a run that is to be repeated."""

import json
import re

import pytest

from topk_lib.__main__ import build_parser, main
from topk_lib.experiments import Config
from topk_lib.experiments.commands.options import config_from
from topk_lib.experiments.commands.settings_file import fill_in, read_settings

from .test_killed import without_times

TOML = """
dataset = "cifar100"
loss = "topk"
p_k = [0.5, 0, 0, 0, 0.5]
sorter = "bitonic"
recipe = "paper"
epochs = 3
weight_decay = 5e-4
flip = false
seed = 7
"""


def config_of(*words):
    options = build_parser().parse_args(["train", *map(str, words), "--out", "x"])
    fill_in(options)
    return config_from(options)


@pytest.fixture
def toml(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(TOML)
    return path


def test_a_file_holds_every_kind_of_setting(toml):
    config = config_of("--config", toml)
    assert (config.dataset, config.loss, config.sorter, config.seed) == ("cifar100", "topk", "bitonic", 7)
    assert list(config.p_k) == [0.5, 0, 0, 0, 0.5]
    recipe = config.make_recipe()
    assert (recipe.optimizer, recipe.epochs, recipe.weight_decay, recipe.flip) == ("adam", 3, 5e-4, False)


def test_options_come_before_the_file(toml):
    config = config_of("--config", toml, "--sorter", "odd_even", "--epochs", 9, "--weight-decay", 0, "--flip")
    assert (config.sorter, config.epochs, config.seed) == ("odd_even", 9, 7)
    assert config.make_recipe().weight_decay == 0 and config.make_recipe().flip is True


def test_every_setting_of_a_run_can_stand_there(tmp_path):
    """What `resolved` gives, in a file, makes the same run."""
    config = Config(
        **{"dataset": "cifar10", "loss": "topk", "p_k": [0.5, 0.5], "sorter": "odd_even", "m": 4, "seed": 3},
        **{"distribution": "logistic_phi", "art_lambda": 0.3, "recipe": "modern", "train_size": 9, "lr": 0.5},
        **{"select": "top5", "val_fraction": 0.25, "flip": False, "schedule": "constant", "optimizer": "adam"},
    )
    settings = {name: value for name, value in config.resolved().items() if value is not None}
    path = tmp_path / "all.toml"
    path.write_text("\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items()))
    assert config_of("--config", path).resolved() == config.resolved()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("epoch = 3", "unknown setting 'epoch'; did you mean 'epochs'?"),
        ("wieght_decay = 3", "unknown setting 'wieght_decay'; did you mean 'weight_decay'?"),
        ("changes = {flip = false}", "unknown setting 'changes'"),
        ("out = 'x'", "unknown setting 'out'"),
        ("[train]\nepochs = 3", "unknown setting 'train'"),
        ("epochs = '3'", "epochs must be an int, got '3'"),
        ("epochs = 0", "epochs must be at least 1, got 0"),
        ("flip = 1", "flip must be true or false, got 1"),
        ("momentum = 1.0", "momentum must be at least 0 and below 1, got 1.0"),
        ("val_fraction = true", "val_fraction must be a number, got True"),
        ("device = 3", "device must be a str, got 3"),
        ("dataset = 3", "dataset must be a str, got 3"),
        ("p_k = 'half'\nloss = 'topk'", "p_k must be a sequence of probabilities, got 'half'"),
        ("lr = nan", "lr must be positive and finite, got nan"),
        ("p_k = [true]\nloss = 'topk'", "p_k must be a sequence of probabilities, got (True,)"),
        ("p_k = ['0.5', 0.5]\nloss = 'topk'", "p_k must be a sequence of probabilities, got ('0.5', 0.5)"),
        ("seed = true", "seed must be an int, got True"),
        ("epochs = [3]", "epochs must be an int, got [3]"),
        ("lr = ", "no TOML, or cut short: Invalid value (at end of document)"),
    ],
)
def test_what_cannot_be_is_named_with_its_file(text, named, tmp_path, capsys):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    assert main(["train", "--config", str(path), "--out", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert f"{path}: " in said and named in said and said.count("\n") == 1


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert main(["train", "--config", str(tmp_path / "no.toml"), "--out", str(tmp_path / "x")]) == 2
    assert "no.toml" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "missing"), [("loss = 'ce'", "--dataset"), ("dataset = 'cifar10'", "--loss")])
def test_what_is_in_neither_place_is_missing(text, missing, tmp_path, capsys):
    path = tmp_path / "half.toml"
    path.write_text(text)
    assert main(["train", "--config", str(path), "--out", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err.endswith(f"the following arguments are required: {missing}\n")


def test_a_result_is_repeated_from_itself(tmp_path):
    words = "--dataset synthetic100 --loss topk --model linear --epochs 2 --lr .01 --train-size 100 --test-size 50"
    more = "--batch-size 20 --device cpu --precision float32 --held-out .2 --select top2 --no-flip --quiet"
    assert main(["train", *words.split(), *more.split(), "--out", str(tmp_path / "a")]) == 0
    file = str(tmp_path / "a" / "result.json")
    assert main(["train", "--config", file, "--out", str(tmp_path / "b"), "--quiet"]) == 0
    first, second = (json.loads((tmp_path / name / "result.json").read_text()) for name in "ab")
    assert without_times(first) == without_times(second)
    assert first["config"]["val_fraction"] == 0.2 and first["config"]["flip"] is False


def test_a_result_remembers_a_recipe_that_has_changed_since(tmp_path):
    record = {"config": Config(recipe="paper").resolved(), "recipe": {"crop_padding": 1, "momentum": 0.0, "lr": 3}}
    path = tmp_path / "result.json"
    path.write_text(json.dumps(record))
    assert Config(**read_settings(path)).make_recipe().crop_padding == 1
    for wrong, named in (
        ({"config": []}, "config must hold a table of names and values, got []"),
        ({"config": {}, "recipe": 3}, "recipe must hold a table of names and values, got 3"),
        ({"config": {"epochs": "3"}}, "config.epochs must be an int, got '3'"),
        ({"config": {}, "recipe": {"flip": 1}}, "recipe.flip must be true or false, got 1"),
    ):
        path.write_text(json.dumps(wrong))
        with pytest.raises((TypeError, ValueError), match=re.escape(f"{path}: {named}")):
            read_settings(path)


@pytest.mark.parametrize("place", ["config", "recipe"])
def test_files_and_options_of_before_the_renaming_are_understood(place, tmp_path):
    asked = ("--dataset", "cifar10", "--loss", "ce")
    assert config_of(*asked, "--held-out", 0.2) == config_of(*asked, "--val-fraction", 0.2)
    path = tmp_path / "old.toml"
    path.write_text("held_out = 0.2")
    assert config_of(*asked, "--config", path).make_recipe().val_fraction == 0.2
    path = tmp_path / "result.json"
    record = {"config": {"dataset": "cifar10", "loss": "ce"}, "recipe": {}}
    record[place]["held_out"] = 0.2
    path.write_text(json.dumps(record))
    assert config_of("--config", path).make_recipe().val_fraction == 0.2
    record[place]["held_out"] = 2
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=rf"{place}\.val_fraction must be at least 0 and below 1, got 2"):
        read_settings(path)
