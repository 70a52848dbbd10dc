"""Lesson 08: what its text, and that of the README, say of the recorded grid on CIFAR-10 is what the record says."""

import json

import pytest

from topk_lib.experiments.drawing.grid_figure import grid_figure
from topk_lib.experiments.grids.grid_results import GridResults
from topk_lib.experiments.grids.grid_table import grid_table
from topk_lib.experiments.results import REPOSITORY, read_result

EVEN, HALF = "P_K = [.34, .33, .33]", "P_K = [.5, 0, .5]"
VERDICTS = [
    ("1 000 images", EVEN, "top1", "open"),
    ("1 000 images", EVEN, "top5", "gain"),
    ("1 000 images", HALF, "top1", "loss"),
    *[("5 000 images", loss, k, "open") for loss in (EVEN, HALF) for k in ("top1", "top2", "top3", "top5")],
    *[("50 000 images", loss, k, "loss") for loss in (EVEN, HALF) for k in ("top1", "top2", "top3")],
]


@pytest.fixture(scope="module")
def results():
    return GridResults(read_result("cifar10-sizes"))


@pytest.mark.parametrize(("condition", "loss", "k", "verdict"), VERDICTS)
def test_what_the_text_says_is_what_the_record_says(results, condition, loss, k, verdict):
    assert results.gain(condition, loss, k).verdict == verdict


@pytest.mark.parametrize(
    ("loss", "verdict"), [("steepness 0.25", "gain"), ("as it comes", "open"), ("steepness 4", "loss")]
)
def test_softer_comparators_gain_as_the_readme_says(loss, verdict):
    grid = GridResults(read_result("cifar10-sensitivity"))
    (condition,) = grid.conditions
    assert grid.gain(condition, loss, "top1").verdict == verdict
    assert verdict != "gain" or {grid.gain(condition, loss, k).verdict for k in grid.ks(condition)} == {"gain"}


def test_some_chosen_rates_are_at_the_edge_as_the_text_says(results):
    assert any("the best learning rate" in remark for remark in results.remarks())
    tried = {len(settings["tune"]["lr"]) for settings in [results.record["grid"]]}
    assert tried == {3} and len(results.seeds) == 5


def test_the_lesson_shows_table_and_figure_of_the_record(results):
    notebook = json.loads((REPOSITORY / "notebooks" / "08_train_on_cifar.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    stored = "\n".join("".join(o.get("text", "")) + str(o.get("data", "")) for o in outputs)
    assert grid_table(results) in stored and grid_figure(results)[1] in stored
