"""The grid on blobs: data that are drawn, networks, expected accuracies, and the record that repeats itself."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from topk_lib.__main__ import main
from topk_lib.experiments import Config, expected_accuracy, run
from topk_lib.experiments.data import best_topk_accuracy, load, load_blobs
from topk_lib.experiments.grids.grid import Cell, Job
from topk_lib.experiments.grids.grid_file import read_grid
from topk_lib.experiments.grids.grid_results import GridResults
from topk_lib.experiments.grids.grid_runs import GridFolder, train
from topk_lib.experiments.running import arguments, build_model
from topk_lib.metrics import topk_accuracy

DATA = Path(__file__).resolve().parents[3] / "data"
QUICK = {"dataset": "blobs", "train_size": 500, "epochs": 1, "device": "cpu"}


@pytest.fixture(scope="module")
def grid():
    return read_grid(DATA / "grids" / "when-it-helps.toml")


@pytest.fixture(scope="module")
def results():
    return GridResults.from_file(DATA / "results" / "when-it-helps.json")


def test_runs_of_a_seed_share_data_weights_and_batches_and_differ_in_the_loss():
    asked = [Config(**QUICK, seed=3), Config(**QUICK, seed=3, loss="topk", m=16), Config(**QUICK, seed=4)]
    first, same, other = (arguments(config, load(**config.for_load())) for config in asked)
    assert torch.equal(first["model"][1].weight, same["model"][1].weight) and first["seed"] == same["seed"] == 3
    assert torch.equal(first["data"].train.features, same["data"].train.features)
    assert type(first["loss_fn"]) is not type(same["loss_fn"])
    assert not torch.equal(first["model"][1].weight, other["model"][1].weight)
    assert not torch.equal(first["data"].train.features, other["data"].train.features)


def test_only_the_labels_of_training_and_validation_are_noisy():
    clean, noisy = load_blobs(), load("blobs", noise="group", noise_rate=0.3)
    pairs = [(getattr(clean, part), getattr(noisy, part)) for part in ("train", "validation", "test")]
    changed = [(a.labels != b.labels).double().mean().item() for a, b in pairs]
    assert changed == pytest.approx([0.3, 0.3, 0.0], abs=0.03) and changed[2] == 0
    assert all(torch.equal(a.features, b.features) for a, b in pairs)


def test_networks_have_the_layers_they_say():
    data = load_blobs(train_size=1, test_size=1)
    sizes = {name: sum(p.numel() for p in build_model(name, data).parameters()) for name in ("small_mlp", "large_mlp")}
    assert sizes == {"small_mlp": 16 * 32 + 32 + 32 * 100 + 100, "large_mlp": 31588}
    before = torch.get_rng_state()
    run(Config(**QUICK))
    assert torch.equal(torch.get_rng_state(), before)


def test_expected_accuracy_is_what_drawn_labels_measure_without_their_probability():
    data = load_blobs()
    model = build_model("linear", data)
    measured = topk_accuracy(model(data.test.features), data.test.labels, ks=(1, 5))
    expected = expected_accuracy(model, data.test)
    for k, value in measured.items():
        known = expected[f"top{k}"]
        assert value == pytest.approx(known, abs=4 * (known * (1 - known) / len(data.test)) ** 0.5), k
    knowing = torch.nn.Linear(100, 100)
    torch.nn.init.eye_(knowing.weight)
    torch.nn.init.zeros_(knowing.bias)
    split = type(data.test)(data.test.posterior.float(), data.test.labels, data.test.posterior)
    best = best_topk_accuracy(data.test.posterior, (1, 5))
    assert expected_accuracy(knowing, split)["top5"] == pytest.approx(best[5], abs=1e-6)
    with pytest.raises(ValueError, match="split must know its posterior, got EmbeddingSplit"):
        expected_accuracy(knowing, replace(split, posterior=None))


def test_the_record_is_that_of_the_grid_in_the_file(grid, results):
    assert results.record["grid"] == grid.describe() and results.baseline == grid.baseline == "cross-entropy"
    assert {row.cell for row in results.rows} == set(grid.cells)
    for cell in grid.cells:
        rows = [row for row in results.rows if row.cell == cell]
        tried = {row.lr: row.validation_top5 for row in rows if row.role == "tune"}
        assert sorted(tried) == sorted(grid.tune["lr"]) and len(rows) == 11
        assert results.rate(*cell) == min((-value, lr) for lr, value in tried.items())[1]


@pytest.mark.parametrize(
    "cell", [Cell("linear, spread 0.7, 30 % noise in groups", "cross-entropy"), Cell("linear, spread 0.4", "even")]
)
def test_runs_repeat_what_is_recorded(grid, results, cell, tmp_path):
    recorded = results.tests(*cell)[0]
    again = train(GridFolder(grid, tmp_path), Job(cell, "test", recorded.seed, (("lr", recorded.lr),)))
    found = [again["expected"][f"top{k}"] for k in (1, 2, 3, 4, 5)] + [again["validation"]["top5"]]
    known = [recorded.top1, recorded.top2, recorded.top3, recorded.top4, recorded.top5, recorded.validation_top5]
    assert found == pytest.approx(known, abs=2e-3)  # rounding, and nothing else


def test_a_grid_of_expected_accuracies_is_run_from_the_command_line(tmp_path, capsys):
    words = ["--dataset", "blobs", "--measure", "posterior", "--metric", "top5", "--train-size", "300", "--epochs", "1"]
    words += ["--lr", ".03", ".1", "--seeds", "2", "--device", "cpu", "--out", str(tmp_path), "--quiet"]
    assert main(["compare", *words, "--collect", str(tmp_path / "all.json")]) == 0
    results = GridResults.from_file(tmp_path / "all.json")
    (condition,) = results.conditions
    assert results.ks(condition) == ("top1", "top2", "top3", "top4", "top5")
    assert len(results.record["best_possible"][condition]) == 2  # once a seed, whatever the losses
    assert results.room(condition, "cross-entropy", "top4") > 0
    test, tune = (next(row for row in results.rows if row.role == role) for role in ("test", "tune"))
    assert test.validation_top5 is not None and tune.validation_top5 is None and tune.top4 is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"noise": "odd"}, "noise must be one of 'uniform', 'group', got 'odd'"),
        ({"noise_rate": 1.5}, "noise_rate must be .*1.5"),
        ({"spread": -1.0}, "spread must be positive and finite, got -1.0"),
    ],
)
def test_settings_of_blobs_that_cannot_be_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        load("blobs", **settings)
