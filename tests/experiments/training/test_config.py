"""Configurations: checked when they are made, and resolved to plain values."""

import dataclasses
import json

import pytest
from torch import nn

from topk_lib import SIGMOIDS, SORTERS, NeuralSort, SortingNetwork, TopKCrossEntropyLoss
from topk_lib.experiments import RECIPES, Config
from topk_lib.experiments.config import ALWAYS, GENERAL, settings_of_losses


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "hinge"}, "loss must be one of 'ce', 'topk'.* got 'hinge'"),
        ({"model": "vgg"}, "model must be one of .*, got 'vgg'"),
        ({"recipe": "slow"}, "recipe must be one of 'fast', 'paper', 'modern', got 'slow'"),
        (
            {"dataset": "blobs", "recipe": "modern"},
            "recipe must be fast or paper on vectors, as 'blobs' holds, got 'mod",
        ),
        ({"precision": "half"}, "precision must be one of .*, got 'half'"),
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"epochs": 1.5}, "epochs must be an int, got 1.5"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"lr": 0.0}, "lr must be positive and finite, got 0.0"),
        ({"lr": float("nan")}, "lr must be positive and finite, got nan"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"train_size": 0}, "train_size must be at least 1, got 0"),
        ({"test_size": -5}, "test_size must be at least 1, got -5"),
        ({"size": 8}, "size must be left out unless dataset is folder:PATH, got 8 with 'synthetic100'"),
        ({"loss": "ce", "p_k": [1.0]}, r"p_k must be left out unless loss='topk', got \[1.0\] with loss='ce'"),
        ({"loss": "ce", "sorter": "bitonic"}, "sorter must be left out unless loss='topk'"),
        ({"loss": "ce", "steepness": 2.0}, "steepness must be left out"),
        ({"loss": "ce", "distribution": "cauchy"}, "distribution must be left out"),
        ({"loss": "ce", "temperature": 1.0}, "temperature must be left out"),
        ({"loss": "ce", "m": 5}, "m must be left out"),
        ({"loss": "ce", "top1_mode": "sm"}, "top1_mode must be left out"),
        ({"loss": "topk", "p_k": [0.5, 0.4]}, r"p_k must sum to 1, got \[0.5, 0.4\]"),
        ({"loss": "topk", "m": 3}, "m must be at least 5"),
        ({"loss": "topk", "top1_mode": "x"}, "top1_mode must be one of"),
        ({"loss": "topk", "steepness": -1.0}, "steepness must be positive"),
        ({"loss": "topk", "temperature": 1.0}, "temperature is no setting of sorter 'splitter_selection'"),
        ({"loss": "topk", "sorter": "softsort", "steepness": 1.0}, "steepness is no setting of sorter 'softsort'"),
        ({"loss": "topk", "art_lambda": 0.5}, "art_lambda must be left out unless distribution='logistic_phi'"),
        ({"loss": "topk", "sorter": "quicksort"}, "sorter must be one of"),
    ],
)
def test_what_cannot_be_is_refused_by_name(settings, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Config(**settings)


def test_the_recipe_is_named_and_its_values_can_be_replaced():
    assert Config(recipe="paper").make_recipe() == RECIPES["paper"]
    changed = Config(recipe="paper", epochs=2, lr=0.5, batch_size=7).make_recipe()
    assert changed == dataclasses.replace(RECIPES["paper"], epochs=2, lr=0.5, batch_size=7)


def test_any_value_of_the_recipe_can_be_replaced():
    changes = {"weight_decay": 0.1, "flip": False, "select": "last", "val_fraction": 0.0}
    config = Config(recipe="paper", lr=0.5, **changes)
    assert config.make_recipe() == dataclasses.replace(RECIPES["paper"], lr=0.5, **changes)
    settings = config.resolved()
    assert settings == json.loads(json.dumps(settings)) and settings["flip"] is False
    assert "momentum" not in settings  # as the recipe has it
    again = Config(**settings)
    assert again.make_recipe() == config.make_recipe() and again.resolved() == settings


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Config(wieght_decay=1), "unknown setting 'wieght_decay'; did you mean 'weight_decay'"),
        (lambda: Config(flip="no"), "flip must be true or false, got 'no'"),
        (lambda: Config(zzz=1), "unknown setting 'zzz'$"),
        (lambda: Config(dataset="cifar10", spread=1.0), "spread must be left out unless dataset is blobs, got 1.0"),
    ],
)
def test_a_change_that_cannot_be_is_named(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_losses_are_built_as_described():
    assert isinstance(Config(loss="ce").make_loss(), nn.CrossEntropyLoss)
    loss = Config(loss="topk", p_k=(0.5, 0.5), sorter="neuralsort", temperature=3.0, m=4, top1_mode="smce").make_loss()
    assert isinstance(loss, TopKCrossEntropyLoss) and isinstance(loss.sorter, NeuralSort)
    assert (loss.p_k, loss.m, loss.top1_mode, loss.sorter.temperature) == ((0.5, 0.5), 4, "smce", 3.0)
    network = Config(loss="topk", sorter="bitonic", steepness=2.0, distribution="logistic").make_loss().sorter
    assert isinstance(network, SortingNetwork)
    assert (network.kind, network.steepness, network.distribution) == ("bitonic", 2.0, "logistic")


@pytest.mark.parametrize("sorter", SORTERS)
def test_every_sorter_can_be_configured(sorter):
    assert Config(loss="topk", sorter=sorter).resolved()["sorter"] == sorter


@pytest.mark.parametrize("distribution", SIGMOIDS)
def test_every_distribution_can_be_configured(distribution):
    assert Config(loss="topk", distribution=distribution).resolved()["distribution"] == distribution


def test_resolved_settings_are_plain_and_complete():
    settings = Config(loss="topk", seed=3).resolved()
    assert settings == json.loads(json.dumps(settings))
    assert {*GENERAL, *ALWAYS, *settings_of_losses()} == set(settings)
    assert settings["p_k"] == [0.2] * 5 and settings["sorter"] == "splitter_selection" and settings["seed"] == 3
    assert (settings["steepness"], settings["distribution"], settings["top1_mode"]) == (1.0, "cauchy", "sm")
    assert settings["epochs"] == RECIPES["fast"].epochs and settings["lr"] == RECIPES["fast"].lr
    assert settings["temperature"] is None and settings["m"] is None and settings["art_lambda"] is None
    assert Config(loss="topk", distribution="logistic_phi").resolved()["art_lambda"] == 0.25


def test_resolved_settings_make_the_same_configuration_again():
    config = Config(loss="topk", sorter="softsort", temperature=2.0, p_k=[0.5, 0.5], epochs=4)
    assert Config(**config.resolved()).resolved() == config.resolved()


def test_cross_entropy_resolves_to_no_sorter():
    settings = Config().resolved()
    assert all(settings[name] is None for name in ("p_k", "sorter", "steepness", "distribution", "top1_mode"))


def test_a_setting_is_known_by_the_name_that_it_had_before():
    old, new = (Config(**{name: 0.2, "select": "top1"}) for name in ("held_out", "val_fraction"))
    assert old == new and old.held_out == new.val_fraction == old.make_recipe().val_fraction == 0.2
    assert new.replace(held_out=0.1).val_fraction == 0.1 and "held_out" not in old.resolved()
