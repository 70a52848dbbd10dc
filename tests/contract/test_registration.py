"""A sorter, a sigmoid and a loss that only this file knows: registered, they are everywhere, and keep the contract."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import topk_lib
from topk_lib import LOSSES, SIGMOIDS, SORTERS, make_loss, make_sorter
from topk_lib.registry import Registry
from topk_lib.settings import REQUIRED

from . import toys
from .toys import HalfSort

ROOT = Path(__file__).parents[2]


@pytest.fixture
def with_toys():
    toys.add()
    yield
    toys.remove()


def test_toys_are_found_by_name_and_gone_when_they_are_removed(with_toys):
    assert list(SORTERS)[-1] == "toy_sorter" and SORTERS.display_name("toy_sorter") == "HalfSort"
    assert isinstance(make_sorter("toy_sorter", temperature=0.5), HalfSort)
    assert make_sorter("toy_sorter", temperature=None).temperature == 1.0
    assert make_loss("toy_loss", power=4).power == 4
    assert make_loss("topk", p_k=[1.0], sorter="toy_sorter", temperature=3.0).sorter.temperature == 3.0
    assert topk_lib.SortingNetwork(distribution="toy_sigmoid")(torch.randn(3, 5)).shape == (3, 5, 5)
    toys.remove()
    try:
        for registry, name in ((SORTERS, "toy_sorter"), (LOSSES, "toy_loss"), (SIGMOIDS, "toy_sigmoid")):
            assert name not in registry
            with pytest.raises(ValueError, match=f"name must be one of .*got '{name}'"):
                registry.display_name(name)
    finally:
        toys.add()


def test_settings_are_read_from_the_constructor(with_toys):
    assert list(SORTERS.settings("bitonic")) == ["steepness", "distribution", "art_lambda"]
    assert SORTERS.settings("toy_sorter") == topk_lib.settings_of(HalfSort)
    assert SORTERS.settings("toy_sorter")["temperature"] == topk_lib.Setting("temperature", float | torch.Tensor, 1.0)
    assert LOSSES.settings("toy_loss")["weight"] == topk_lib.Setting("weight", torch.Tensor | None, None)
    assert topk_lib.settings_of(lambda gap, k=3: None)["gap"].default is REQUIRED
    assert "size_average" not in LOSSES.settings("ce") and "label_smoothing" in LOSSES.settings("ce")
    of_topk = topk_lib.loss_settings("topk")
    assert set(LOSSES.settings("topk")) == set(inspect.signature(topk_lib.TopKCrossEntropyLoss).parameters)
    assert set(of_topk) == {*LOSSES.settings("topk"), *(key for name in SORTERS for key in SORTERS.settings(name))}
    assert topk_lib.loss_settings("toy_loss") == LOSSES.settings("toy_loss")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: make_sorter("bitonic", temperature=0.5),
            "temperature is no setting of sorter 'bitonic', got 0.5; it ",
        ),
        (
            lambda: make_sorter("toy_sorter", kind="odd_even"),
            "no setting of sorter 'toy_sorter', .* takes temperature",
        ),
        (lambda: make_sorter("bitonic", kind="odd_even"), "kind is no setting of sorter 'bitonic'"),
        (
            lambda: make_loss("topk", sorter="toy_sorter", steepness=2.0),
            "steepness is no setting of sorter 'toy_s",
        ),
        (lambda: make_loss("ce", p_k=[1.0]), "p_k is no setting of loss 'ce', got .*; it takes weight, ignore_index"),
        (lambda: make_loss("topk", sorter="quick"), "name must be one of 'odd_even', .*got 'quick'"),
        (lambda: make_loss("hinge"), "name must be one of 'ce', 'topk', .*'toy_loss', got 'hinge'"),
        (lambda: SORTERS.register("bitonic", "again")(HalfSort), "name must be new, but .* sorter 'bitonic' already"),
        (lambda: Registry("toy").remove("ball"), "name must be one of .*got 'ball'"),
    ],
)
def test_what_is_not_there_is_named(with_toys, make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_sigmoid_without_an_inverse_is_searched(with_toys):
    for name, certainty in (("toy_sigmoid", 0.51), ("toy_sigmoid", 0.9), ("toy_sigmoid", 0.999)):
        steepness = topk_lib.steepness_for(0.7, certainty, name)
        alpha = topk_lib.Comparator(name, steepness).alpha(torch.tensor(0.7, dtype=torch.double))
        assert alpha.item() == pytest.approx(certainty, abs=1e-12)
    flat = topk_lib.Sigmoid(lambda v: 0.5 + v.sign() / 8, lambda v: 0 * v, 0.0, True, 1.0)
    with pytest.raises(ValueError, match=r"certainty must be one that the sigmoid reaches, got 0\.9"):
        flat.argument_for(0.9)


def test_toys_keep_the_whole_contract():
    """All tests of this folder that ask every sorter, loss or sigmoid, asked of the toys alone."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.contract.toys", "-o", "addopts=--import-mode=importlib"]
    select = ["-q", "-k", "toy", "--ignore", __file__, "tests/contract"]
    run = subprocess.run([*command, *select], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-3000:]
    assert int(run.stdout.rsplit(" passed", 1)[0].split()[-1]) > 100
