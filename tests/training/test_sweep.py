"""The sweep: paired runs, tuning without the test points, a record that survives interruptions, and its reading."""

import itertools
import json
import re
from functools import partial
from pathlib import Path

import pytest
import torch

from topk_lib.experiments.data import best_topk_accuracy
from topk_lib.experiments.grids import blob_runs, sweep
from topk_lib.experiments.grids.blob_runs import (
    HIDDEN,
    Condition,
    Loss,
    blob_points,
    expected_topk_accuracy,
    train_on_blobs,
)
from topk_lib.experiments.grids.sweep import Cell, best_rates, full_grid, open_record
from topk_lib.experiments.grids.sweep_results import Gain, SweepResults, paired_gain
from topk_lib.losses.topk import TOP1_MODES
from topk_lib.metrics import topk_accuracy
from topk_lib.sigmoids import SIGMOIDS

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "data" / "results" / "when-it-helps.json"
NOISY = Condition("linear", 0.7, "group", 0.3)
CELLS = (Cell(NOISY, Loss("cross-entropy")), Cell(NOISY, Loss("even", 16)))
RATES = len(sweep.LEARNING_RATES)


@pytest.fixture
def trained(monkeypatch):
    """Shortens every run of the sweep, and lists them."""
    calls = []
    short = partial(train_on_blobs, epochs=1, train_size=500)

    def counted(condition, loss, lr, seed):
        calls.append((condition, loss, lr, seed))
        return short(condition, loss, lr, seed)

    monkeypatch.setattr(sweep, "train_on_blobs", counted)
    return calls


def test_runs_of_a_seed_share_data_weights_and_batches_and_differ_in_the_loss(monkeypatch):
    starts = []

    def seen(model, loss_fn, train, recipe, order):
        starts.append((model[0].weight.clone(), train, order.get_state(), loss_fn.p_k))

    monkeypatch.setattr(blob_runs, "_fit", seen)
    for loss, seed in ((Loss(), 3), (Loss("even", 16), 3), (Loss("even", 16), 4)):
        train_on_blobs(NOISY, loss, seed=seed)
    (weights, train, order, p_k), same, other = starts
    assert torch.equal(weights, same[0]) and torch.equal(order, same[2]) and p_k != same[3]
    assert all(torch.equal(a, b) for a, b in zip(train, same[1], strict=True))
    assert not torch.equal(weights, other[0]) and not torch.equal(train.features, other[1].features)
    assert not torch.equal(order, other[2])


def test_only_the_labels_of_training_and_validation_are_noisy():
    clean, noisy = blob_points(Condition(), 0), blob_points(NOISY, 0)
    changed = [(a.labels != b.labels).double().mean().item() for a, b in zip(clean, noisy, strict=True)]
    assert changed == pytest.approx([0.3, 0.3, 0.0], abs=0.03) and changed[2] == 0
    assert all(torch.equal(a.features, b.features) for a, b in zip(clean, noisy, strict=True))


def test_capacities_share_the_data_and_have_the_layers_they_say():
    sizes = {name: sum(p.numel() for p in blob_runs.build_network(name, 0).parameters()) for name in HIDDEN}
    assert sizes == {"linear": 1700, "small MLP": 16 * 32 + 32 + 32 * 100 + 100, "larger MLP": 31588}
    before = torch.get_rng_state()
    train_on_blobs(Condition(), epochs=1, train_size=500)
    assert torch.equal(torch.get_rng_state(), before)


def test_expected_accuracy_is_what_drawn_labels_measure_without_their_chance():
    _, _, test = blob_points(Condition(), 0)
    logits = blob_runs.build_network("linear", 0)(test.features)
    measured = topk_accuracy(logits, test.labels, ks=(1, 5))
    expected = expected_topk_accuracy(logits, test.posterior, (1, 5))
    for (k, value), other in zip(measured.items(), expected, strict=True):
        assert value == pytest.approx(other, abs=4 * (other * (1 - other) / len(test.labels)) ** 0.5), k
    by_posterior = expected_topk_accuracy(test.posterior, test.posterior, (1, 5))
    assert by_posterior == pytest.approx(tuple(best_topk_accuracy(test.posterior, (1, 5)).values()))


def test_every_loss_tries_the_same_rates_once_and_every_seed_uses_the_chosen_one(trained, tmp_path):
    record = sweep.sweep(tmp_path / "record.json", CELLS, seeds=(0, 1))
    assert len(trained) == len(CELLS) * (len(sweep.LEARNING_RATES) + 2)
    rates = best_rates(record)
    for cell in CELLS:
        mine = [(lr, seed) for condition, loss, lr, seed in trained if loss == cell.loss]
        assert mine[:RATES] == [(lr, sweep.TUNING_SEED) for lr in sweep.LEARNING_RATES]
        assert mine[RATES:] == [(rates[cell], 0), (rates[cell], 1)]
    assert [row[:2] for row in record["best"]] == [[0.7, 0], [0.7, 1]]


def test_the_rate_is_chosen_by_validation_and_not_by_test():
    rows = [
        [*sweep.Job(Cell(NOISY, Loss("even")), "tune", 100, lr).key, 0, 0, 0, 0, test, validation]
        for lr, test, validation in ((0.02, 0.9, 0.5), (0.1, 0.1, 0.7), (0.5, 0.95, 0.7))
    ]
    assert best_rates({"rows": rows}) == {Cell(NOISY, Loss("even")): 0.1}


def test_a_finished_sweep_runs_nothing_again_and_an_interrupted_one_the_rest(trained, tmp_path):
    path = tmp_path / "record.json"
    whole = sweep.sweep(path, CELLS, seeds=(0,))
    count, text = len(trained), path.read_text()
    assert sweep.sweep(path, CELLS, seeds=(0,)) == whole and len(trained) == count and path.read_text() == text
    cut = json.loads(text)
    cut["rows"] = cut["rows"][:-2]
    path.write_text(json.dumps(cut))
    assert sweep.sweep(path, CELLS, seeds=(0,)) == whole and len(trained) == count + 2


def test_a_killed_write_leaves_the_old_file(trained, tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    sweep.sweep(path, CELLS[:1], seeds=(0,))
    before = path.read_bytes()

    def killed(self, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", killed)
        sweep.sweep(path, CELLS, seeds=(0,))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
    assert len(sweep.sweep(path, CELLS, seeds=(0,))["rows"]) == 2 * (RATES + 1)


def test_several_processes_give_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "LEARNING_RATES", (0.1,))
    monkeypatch.setattr(sweep, "train_on_blobs", partial(train_on_blobs, epochs=1, train_size=500))
    alone = sweep.sweep(tmp_path / "one.json", CELLS[:1], seeds=(0,))
    assert sweep.sweep(tmp_path / "two.json", CELLS[:1], seeds=(0,), jobs=2)["rows"] == alone["rows"]


def test_a_record_of_other_settings_is_refused(trained, tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    sweep.sweep(path, CELLS[:1], seeds=(0,))
    monkeypatch.setattr(blob_runs, "EPOCHS", 2)
    with pytest.raises(ValueError, match=r"record\.json holds runs with other settings; give another --out"):
        sweep.sweep(path, CELLS[:1], seeds=(0,))


def test_a_run_that_diverges_is_recorded_with_zeros(tmp_path, monkeypatch):
    def diverging(*arguments):
        raise FloatingPointError("the training diverged")

    monkeypatch.setattr(sweep, "train_on_blobs", diverging)
    rows = sweep.sweep(tmp_path / "record.json", CELLS[:1], seeds=(0,))["rows"]
    assert len(rows) == RATES + 1 and all(row[-6:] == [0.0] * 6 for row in rows)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="capacity must be one of 'linear', 'small MLP', 'larger MLP', got 'huge'"):
        Condition("huge")
    with pytest.raises(ValueError, match="p_k must be one of 'cross-entropy'"):
        train_on_blobs(Condition(), "hinge")
    with pytest.raises(ValueError, match="sorter must be one of 'odd_even'"):
        Loss(sorter="quick")
    with pytest.raises(ValueError, match="distribution must be one of"):
        Loss(distribution="uniform")
    with pytest.raises(ValueError, match="top1_mode must be one of"):
        Loss(top1_mode="mean")
    with pytest.raises(ValueError, match="steepness must be"):
        Loss(steepness=0)
    with pytest.raises(ValueError, match="m must be at least 5"):
        train_on_blobs(Condition(), Loss("even", m=4))


def test_a_loss_is_made_as_it_says():
    loss = Loss("half and half", 16, "bitonic", 2.0, "logistic", "smce").make()
    assert (list(loss.p_k), loss.m, loss.top1_mode) == ([0.5, 0, 0, 0, 0.5], 16, "smce")
    assert (loss.sorter.kind, loss.sorter.steepness, loss.sorter.distribution) == ("bitonic", 2.0, "logistic")
    assert Loss("even", sorter="softsort", steepness=4.0).make().sorter.temperature == 0.25


def test_gains_are_paired_and_their_interval_is_students():
    gain = paired_gain([0.52, 0.53, 0.57], [0.50, 0.52, 0.54])  # differences 2, 1 and 3 points
    assert gain.mean == pytest.approx(2.0)
    assert gain.half_width == pytest.approx(4.302653 / 3**0.5, rel=1e-5)
    assert (gain.verdict, str(gain)) == ("open", "+2.0 ± 2.5")
    assert (Gain(2, 1).verdict, Gain(-2, 1).verdict, str(Gain(-2, 1))) == ("gain", "loss", "−2.0 ± 1.0")


def test_results_are_read_by_condition_loss_and_m():
    def row(loss, seed, top, role="test"):
        return [*sweep.Job(Cell(NOISY, loss), role, seed, 0.1).key, *[top] * 5, 0.0]

    few = Loss("even", 16)
    rows = [row(Loss(), 0, 0.5), row(Loss(), 1, 0.6), row(few, 1, 0.62)]
    rows += [row(few, 0, 0.54), row(few, 0, 0.99, role="tune")]
    results = SweepResults({"rows": rows, "best": [[0.7, 0, *[0.9] * 5], [0.7, 1, *[0.7] * 5]]})
    assert results.conditions == (NOISY,) and results.learning_rate(NOISY) == 0.1
    assert results.losses(NOISY) == (Loss(), few)
    assert [gain.mean for gain in results.gains(NOISY, few)] == pytest.approx([3.0] * 5)
    assert results.room(NOISY) == pytest.approx([25.0] * 5)
    with pytest.raises(ValueError, match="no runs are recorded of 'even' in"):
        results.gains(NOISY, "even")


@pytest.fixture(scope="module")
def recorded():
    return json.loads(RECORD.read_text(encoding="utf-8"))


def test_the_recorded_sweep_is_whole_and_made_by_this_code(recorded):
    assert open_record(RECORD)["config"] == recorded["config"] and RECORD.stat().st_size < 350_000
    assert recorded["columns"] == list(sweep.COLUMNS) and {"torch", "python"} <= recorded["versions"].keys()
    rates = best_rates(recorded)
    wanted = {sweep.Job(cell, "test", seed, rates[cell]).key for cell in full_grid() for seed in sweep.SEEDS} | {
        sweep.Job(cell, "tune", sweep.TUNING_SEED, lr).key for cell in full_grid() for lr in sweep.LEARNING_RATES
    }
    assert {tuple(row[: len(sweep.KEY_COLUMNS)]) for row in recorded["rows"]} == wanted and len(
        recorded["rows"]
    ) == len(wanted)


def test_no_recorded_run_is_better_than_the_best_possible(recorded):
    results = SweepResults(recorded)
    for condition in results.conditions:
        for seed, reached in results.accuracies(condition).items():
            best = next(row[2:] for row in recorded["best"] if row[:2] == [condition.spread, seed])
            assert all(a <= b + 1e-5 for a, b in zip(reached, best, strict=True))
            assert list(reached) == sorted(reached)


def test_a_recorded_run_can_be_repeated(recorded):
    results = SweepResults(recorded)
    again = train_on_blobs(NOISY, lr=results.learning_rate(NOISY), seed=2)
    assert again.test == pytest.approx(results.accuracies(NOISY)[2], abs=0.01)


def test_the_command_takes_an_output_file_and_jobs(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(sweep, "sweep", lambda path, cells, jobs, say: asked.update(path=path, n=len(cells), jobs=jobs))
    sweep.main(["--out", str(tmp_path / "r.json"), "--jobs", "3"])
    assert asked == {"path": str(tmp_path / "r.json"), "n": len(full_grid()), "jobs": 3}


def test_the_grid_holds_every_comparison_that_the_docstring_promises():
    cells = full_grid()
    assert len(set(cells)) == len(cells)
    of = {condition: {c.loss for c in cells if c.condition == condition} for condition in {c.condition for c in cells}}
    for capacity, spread in itertools.product(HIDDEN, sweep.SPREADS):
        assert {Loss(name) for name in blob_runs.LOSSES} <= of[Condition(capacity, spread)]
    for capacity, noise, rate in itertools.product(HIDDEN, ("uniform", "group"), (0.1, 0.3)):
        few = {Loss("even", 16), Loss("cross-entropy", 16)} if capacity != "small MLP" else set()
        assert of[Condition(capacity, 0.7, noise, rate)] == {Loss("even"), Loss("cross-entropy")} | few
    for capacity in HIDDEN:
        losses = of[Condition(capacity, 0.7)]
        assert {loss.sorter for loss in losses if loss.m == 16} == {
            "splitter_selection",
            "neuralsort",
            "softsort",
            "sinkhorn",
        }
        if capacity != "small MLP":
            assert {loss.distribution for loss in losses} == set(SIGMOIDS)
            assert {loss.top1_mode for loss in losses} == set(TOP1_MODES) and len(
                {loss.steepness for loss in losses}
            ) == 6
            assert {loss.m for loss in losses if loss.p_k == "even"} == {None, 8, 16, 32}
    assert {c.condition.rate for c in cells} == {0.0, 0.1, 0.3}
    assert re.search(r"five seeds", sweep.__doc__) and len(sweep.SEEDS) == 5
